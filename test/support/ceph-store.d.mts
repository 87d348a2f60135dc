/** What can be killed, frozen and started again: `osd.<number>`, the S3 gateway, the monitor. */
export type CephDaemon = `osd.${number}` | 'gateway' | 'monitor';

/** Where a private Ceph is, and what it is told beside what each is. */
export interface CephPlace {
  /** Its own, empty at first. */
  readonly directory: string;
  /** Of the S3 gateway. */
  readonly port: number;
  readonly monitorPort: number;
  readonly osds: number;
  /** Lines of `[global]`, such as `osd objectstore = memstore`. */
  readonly settings: readonly string[];
}

/** Runs a command to its end, or throws. */
export type Call = (command: string, ...args: string[]) => void;

export function daemonCommand(place: CephPlace, name: CephDaemon): [command: string, ...args: string[]];
export function found(place: CephPlace, call: Call): void;
export function addOsd(place: CephPlace, number: number, call: Call): void;
export function addUser(
  place: CephPlace,
  keys: { readonly accessKeyId: string; readonly secretAccessKey: string },
  call: Call,
): void;
