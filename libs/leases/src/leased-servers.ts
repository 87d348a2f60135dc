import { createHash, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { AppConfig } from '@app/config';
import type { ServerLease } from '@app/data-directory';
import { Logger } from '@nestjs/common';
import { type OwnServer, type ServerRow, ServerRows } from './server-rows.js';
import { DriveServedError, type KnownServer, Servers } from './servers.js';

/** Of the time of a lease: how often it is renewed, and how long after a renewal a server trusts itself. */
const RENEW_EVERY = 1 / 6;
const TRUST = 2 / 3;
/** Leases after which nothing of a dead server can still arrive: at 30 s five minutes, where a request to a store takes one at most. */
const LATE = 10;
/** Milliseconds between looks for the end of others. */
const LOOK_EVERY_MS = 250;

/**
 * Servers whose database is one of its own, which any number of processes reach. With the bytes in a bucket they share the
 * drive; with the bytes on a disk there must be one, and the lease only keeps a second one away.
 */
export class LeasedServers extends Servers {
  override readonly areShared: boolean;
  override readonly lateMs: number;
  private readonly logger = new Logger('Servers');
  private readonly self: OwnServer;
  private readonly leaseMs: number;
  /** Until when it trusts its lease, by the clock of the process, which nobody sets. */
  private validUntil = -Infinity;
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> = Promise.resolve();

  constructor(
    config: AppConfig,
    private readonly lease: ServerLease,
    private readonly rows: ServerRows,
  ) {
    super();
    const { dataDir, storageUrl, serverLeaseMs } = config;
    this.areShared = storageUrl !== undefined;
    this.leaseMs = serverLeaseMs;
    this.lateMs = LATE * serverLeaseMs;
    const name = hostname();
    const place = `${name} ${dataDir}`;
    this.self = {
      id: randomUUID(),
      name,
      place,
      kind: this.areShared ? 's3' : 'local',
      secrets: secretsOf(config, place),
    };
  }

  override get own(): string {
    return this.areShared ? this.self.id : '';
  }

  override get isValid(): boolean {
    return !this.areShared || performance.now() < this.validUntil;
  }

  override async join(): Promise<void> {
    await this.enter(({ kind }) => !this.areShared || kind !== 's3');
    const other = this.areShared && (await this.living()).find(({ secrets }) => secrets !== this.self.secrets);
    if (!other) return;
    await this.leave();
    throw new DriveServedError(
      `Another server is at work on this drive (${other.place}), and JWT_SECRET and RECEIPT_KEY are not the same here: give both to all`,
    );
  }

  override async joinAlone(): Promise<void> {
    await this.enter(() => true);
  }

  override async leave(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    this.validUntil = -Infinity;
    await this.renewing;
    await this.rows.remove(this.self.id);
  }

  /** A server that shuns the database holds its data directory all the same. */
  override async isServed(): Promise<boolean> {
    return (await this.lease.isServed()) || (await this.living()).length > 0;
  }

  override async list(): Promise<KnownServer[]> {
    return (await this.rows.all()).map(({ id, name, version, startedAt, heartbeatAt, isAlive }) => {
      return { id, name, version, startedAt, heartbeatAt, isAlive: isAlive === 1 };
    });
  }

  /** Whoever holds the lock of a data directory knows that an earlier server there is dead. */
  private async enter(isInTheWay: (other: ServerRow) => boolean): Promise<void> {
    await this.rows.forgetFormer(this.self);
    await this.outlast(isInTheWay);
    await this.renew();
    const renewAgain = () => (this.renewing = this.renewing.then(() => this.tryToRenew()));
    this.timer = setInterval(renewAgain, this.leaseMs * RENEW_EVERY).unref();
  }

  /**
   * Waits for the end of leases that nobody renews.
   * @throws DriveServedError where somebody does
   */
  private async outlast(isInTheWay: (other: ServerRow) => boolean): Promise<void> {
    const seen = new Map<string, number>();
    for (;;) {
      const others = (await this.living()).filter(isInTheWay);
      if (others.length === 0) return;
      for (const other of others) {
        if ((seen.get(other.id) ?? other.heartbeatAt) !== other.heartbeatAt) throw this.served(other);
        seen.set(other.id, other.heartbeatAt);
      }
      await delay(LOOK_EVERY_MS);
    }
  }

  private served({ place, kind }: ServerRow): DriveServedError {
    const advice =
      kind === 's3' ? 'stop all servers first' : 'one server at a time, unless STORAGE_URL is given to all';
    return new DriveServedError(`Another server is at work on this database (${place}): ${advice}`);
  }

  private async living(): Promise<ServerRow[]> {
    return (await this.rows.all()).filter(({ id, isAlive }) => isAlive === 1 && id !== this.self.id);
  }

  private async renew(): Promise<void> {
    const asked = performance.now();
    await this.rows.renew(this.self, this.leaseMs);
    this.validUntil = asked + this.leaseMs * TRUST;
  }

  private async tryToRenew(): Promise<void> {
    if (this.timer === undefined) return;
    const wasValid = this.isValid;
    try {
      await this.renew();
      if (!wasValid) this.logger.warn({ event: 'lease-regained' });
    } catch (error) {
      this.logger.warn({ event: 'lease-not-renewed', error: String(error), taking: this.isValid });
    }
  }
}

/** What was generated is nobody else's. Of random bytes a hash tells nothing. */
function secretsOf({ jwtSecret, receiptKey }: AppConfig, place: string): string {
  const given = [jwtSecret ?? `generated ${place}`, receiptKey ?? `generated ${place}`];
  return createHash('sha256').update(JSON.stringify(given)).digest('hex');
}
