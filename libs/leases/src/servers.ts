/** A server, or a command that moves bytes, as the others know it. Moments are milliseconds since 1970, by the database's clock. */
export interface KnownServer {
  readonly id: string;
  /** Of its machine. */
  readonly name: string;
  readonly version: string;
  readonly startedAt: number;
  readonly heartbeatAt: number;
  /** Whether it has renewed its lease in time. */
  readonly isAlive: boolean;
}

/** Another server is at work on the same drive. The message is meant for the admin. */
export class DriveServedError extends Error {
  override readonly name = 'DriveServedError';
}

/**
 * The servers of a drive (docs/decisions/0230-leases.md). One that is alone asks nobody, and nothing here costs it anything. Those
 * that share a database and a bucket know each other by a lease in the database: what a server has under way carries its
 * id, and once the lease is over any other may take it over.
 */
export abstract class Servers {
  /** Whether there may be others. */
  abstract readonly areShared: boolean;

  /** What this process writes into the records that it has under way; empty where it is alone. */
  abstract readonly own: string;

  /**
   * Whether this process may take on something that others would take over once it is dead: it could renew its lease, or
   * is alone. It turns false well before anybody else holds the lease for over.
   */
  abstract readonly isValid: boolean;

  /** Milliseconds after which nothing can still arrive from a server that is dead. */
  abstract readonly lateMs: number;

  /**
   * Takes a lease, as a server. An earlier life of the same server is dead from then on.
   * @throws DriveServedError where there must be one server only, and another one is at work
   */
  abstract join(): Promise<void>;

  /** Takes a lease, for a command that must be alone. @throws DriveServedError when a server is at work */
  abstract joinAlone(): Promise<void>;

  /** Gives the lease back. It runs out in any case. */
  abstract leave(): Promise<void>;

  /** Whether a server, or a command that moves bytes, is at work on the drive: this process, too. */
  abstract isServed(): Promise<boolean>;

  /** All that are known, also those that died not long ago; the longest at work first. */
  abstract list(): Promise<KnownServer[]>;
}
