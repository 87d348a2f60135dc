import type { AsyncCommand } from 'fast-check';
import { expect } from 'vitest';
import type { CrashDrive } from './crash-drive.js';
import type { FileRecord, LinkRecord, UploadBook } from './ledger.js';
import type { Recorder } from './recorder.js';
import type { Fault } from './strace.js';

/** What can be wrong with the disk. */
export type Trouble = 'unlink' | 'link';

/** What a drive is to be like, as far as the books of its clients do not say it already. */
export interface Model {
  /** Accounts made, of which the first is always there. */
  people: number;
  files: number;
  links: number;
  /** Uploads that can be gone on with. */
  uploads: number;
  trouble: Trouble | undefined;
}

/** The drive itself, with the fault that is in it. */
export interface Real {
  readonly drive: CrashDrive;
  readonly strace: string;
  fault: Fault | undefined;
}

export type Command = AsyncCommand<Model, Real>;

export const NAMES = ['a.txt', 'A.TXT', 'b.txt', 'c.txt'];

export const live = ({ drive }: Real): FileRecord[] =>
  drive.ledger.files.filter(({ upload, removal }) => upload === 'acknowledged' && removal === 'none');
export const person = ({ drive }: Real, who: number): Recorder => drive.people[who % drive.people.length]!;
export const ownerOf = ({ drive }: Real, { owner }: FileRecord | UploadBook): Recorder =>
  drive.people.find(({ client }) => client.username === owner)!;

export const open = ({ drive }: Real): UploadBook[] =>
  drive.ledger.uploads.filter(({ end, file }) => end === 'none' && file?.upload !== 'acknowledged');

/** Who has a name: a live file, a deleted one whose bytes cannot be removed, an upload, or one of which bytes are left. */
export function holderOf({ drive }: Real, owner: string, name: string): FileRecord | UploadBook | undefined {
  const folded = name.toLowerCase();
  const mine = (item: FileRecord | UploadBook) => item.owner === owner && item.name.toLowerCase() === folded;
  return (
    drive.ledger.files.find((file) => mine(file) && file.upload === 'acknowledged') ??
    drive.ledger.uploads.find((book) => mine(book) && book.end !== 'acknowledged')
  );
}

/**
 * Closes the books: forgets the deleted files whose names are free again. While unlink fails they are held, and while link
 * fails an upload may be whole that cannot become a file.
 */
export async function settle(model: Model, real: Real): Promise<void> {
  const stuck = model.trouble === 'unlink' || (model.trouble === 'link' && open(real).some(({ file }) => file));
  if (!stuck) await real.drive.assertTrueAtRest('between commands');
}

export class Step implements Command {
  constructor(
    private readonly title: string,
    private readonly possible: (model: Model) => boolean,
    private readonly act: (model: Model, real: Real) => Promise<void>,
  ) {}

  check(model: Readonly<Model>): boolean {
    return this.possible(model);
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real);
    const links = live(real).flatMap((file) => file.links);
    Object.assign(model, { files: live(real).length, links: links.length, uploads: open(real).length });
  }

  toString(): string {
    return this.title;
  }
}

export const always = () => true;
export const hasFile = ({ files }: Model) => files > 0;
export const hasLink = ({ links }: Model) => links > 0;
export const hasUpload = ({ uploads }: Model) => uploads > 0;

export const pickFile = (real: Real, which: number): FileRecord => live(real)[which % live(real).length]!;

export const pickUpload = (real: Real, which: number): UploadBook => open(real)[which % open(real).length]!;

export function pickLink(real: Real, which: number): [FileRecord, LinkRecord] {
  const all = live(real).flatMap((file) => file.links.map((link) => [file, link] as [FileRecord, LinkRecord]));
  return all[which % all.length]!;
}

/** As people do when they see that something is wrong. A fault ends with the process that it was put into. */
export async function restart(model: Model, real: Real): Promise<void> {
  await real.fault?.off();
  real.fault = model.trouble = undefined;
  await real.drive.stop();
  expect(await real.drive.start()).toBeUndefined();
  await settle(model, real);
}
