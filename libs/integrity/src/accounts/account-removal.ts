import { setTimeout as delay } from 'node:timers/promises';
import { AdminUsersService } from '@app/accounts';
import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import { ServerLease } from '@app/data-directory';
import { BlobRemoval, File, type User } from '@app/database';
import { Servers } from '@app/leases';
import { DeleteTransaction, RemovalsService, UploadEnds, UploadRollback } from '@app/files';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Files deleted at once: on SQLite one transaction, and short enough for the server beside it (under 50 ms). */
const BATCH = 32;
const ASK_EVERY_MS = 100;
/** Milliseconds without any progress after which the server is not waited for any more. */
const PATIENCE_MS = 60_000;

/** What is still in the way of an account's end. */
interface Rest {
  /** Files, also those whose upload is under way. */
  readonly files: number;
  readonly removals: number;
  /** Removals that have failed. */
  readonly failing: number;
}

/** Called with what is done and how much of it. */
type OnProgress = (step: string, done: number) => void;

/** An account cannot be removed yet. The message is meant for the admin. */
export class AccountNotRemovedError extends Error {
  override readonly name = 'AccountNotRemovedError';
}

/**
 * Deletes a user with everything: first shut out, then the files, each as its own delete would, then their bytes, last
 * the account. It keeps its name until the bytes are gone, because a new user of that name would get the same paths.
 * Killed at any point, it is gone on with: by the next start of the server, or by doing it again.
 */
@Injectable()
export class AccountRemoval {
  private readonly underWay = new Map<number, Promise<number>>();
  private stopped = false;

  constructor(
    private readonly lease: ServerLease,
    private readonly servers: Servers,
    private readonly dataSource: DataSource,
    private readonly users: AdminUsersService,
    private readonly transaction: DeleteTransaction,
    private readonly removals: RemovalsService,
    private readonly rollback: UploadRollback,
    private readonly uploads: UploadEnds,
  ) {}

  /**
   * @param passwordHash of the user, where he has proved that he knows the password
   * @returns how many files were deleted
   * @throws ContractError lastAdmin, invalidCredentials; then nothing has changed
   * @throws AccountNotRemovedError when bytes cannot be removed, or an upload does not end; what is done stays done, and
   * a server goes on with it
   */
  async remove(user: User, onProgress: OnProgress = () => undefined, passwordHash?: string): Promise<number> {
    await this.users.beginRemoval(user, passwordHash);
    failpoint('account-removal.begun');
    return this.goOn(user, onProgress);
  }

  /** Goes on with a removal that has begun. Whoever asks for the same one meanwhile waits for it too. */
  goOn(user: User, onProgress: OnProgress = () => undefined): Promise<number> {
    const before = this.underWay.get(user.id);
    if (before) return before;
    const removal = this.finish(user, onProgress).finally(() => this.underWay.delete(user.id));
    this.underWay.set(user.id, removal);
    return removal;
  }

  /** Ends what is under way at its next step: the next start goes on. */
  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.allSettled(this.underWay.values());
  }

  private async finish(user: User, onProgress: OnProgress): Promise<number> {
    let deleted = 0;
    for (const wait = new Patience(); ;) {
      for await (const count of this.deleteFiles(user.id)) onProgress('files deleted', (deleted += count));
      const rest = await this.rest(user.id);
      if (rest.files + rest.removals === 0) break;
      onProgress('removals to go', rest.removals);
      await this.advance(user.id, rest, wait);
    }
    failpoint('account-removal.last');
    await this.users.remove(user);
    return deleted;
  }

  /** In bounded batches: the units of one batch share a transaction. */
  private async *deleteFiles(ownerId: number): AsyncGenerator<number> {
    for (;;) {
      const where = { ownerId, state: 'live' } as const;
      const batch = await this.dataSource.manager.find(File, { where, order: { id: 'ASC' }, take: BATCH });
      if (batch.length === 0) return;
      const outcomes = await Promise.allSettled(batch.map((file) => this.transaction.run(file, { receipts: 'none' })));
      const failed = outcomes.find((outcome) => outcome.status === 'rejected' && !isGone(outcome.reason));
      if (failed?.status === 'rejected') throw failed.reason;
      yield batch.length;
      failpoint('account-removal.batch');
      if (this.stopped) throw stuck(await this.rest(ownerId));
    }
  }

  private async rest(ownerId: number): Promise<Rest> {
    const [rest] = await this.dataSource.query<[Rest]>(
      `SELECT (SELECT COUNT(*) FROM files WHERE ownerId = ?) AS files,
        (SELECT COUNT(*) FROM blobRemovals WHERE ownerId = ?) AS removals,
        (SELECT COUNT(*) FROM blobRemovals WHERE ownerId = ? AND attempts > 0) AS failing`,
      [ownerId, ownerId, ownerId],
    );
    return rest;
  }

  /** Carries out what is left: as the server, or where there is none in its place; else lets the server do it. */
  private async advance(ownerId: number, rest: Rest, wait: Patience): Promise<void> {
    if (this.lease.held) await this.carryOut(ownerId, { attempts: 0 });
    else if (!(await this.servers.isServed())) return this.finishAlone(ownerId);
    if (rest.failing > 0 || this.stopped || !wait.goesOn(rest)) throw stuck(rest);
    await delay(ASK_EVERY_MS);
  }

  /** What has failed before is left to the worker, which knows when its time has come, unless there is none. */
  private async carryOut(ownerId: number, which: { attempts?: number }): Promise<void> {
    await this.uploads.endAll(ownerId);
    const waiting = await this.dataSource.manager.findBy(BlobRemoval, { ownerId, ...which });
    for (const removal of waiting) await this.removals.removeBytes(removal).catch(() => undefined);
    await this.removals.settled();
  }

  private async finishAlone(ownerId: number): Promise<void> {
    await this.lease.take();
    try {
      await this.servers.joinAlone();
      await this.rollback.recover();
      await this.carryOut(ownerId, {});
    } finally {
      await this.servers.leave();
      await this.lease.release();
    }
    const rest = await this.rest(ownerId);
    if (rest.files + rest.removals > 0) throw stuck(rest);
  }
}

/** Waits as long as something moves. */
class Patience {
  private before = '';
  private since = Date.now();

  goesOn({ files, removals }: Rest): boolean {
    const now = `${files} ${removals}`;
    if (now !== this.before) this.since = Date.now();
    this.before = now;
    return Date.now() - this.since < PATIENCE_MS;
  }
}

function stuck({ files, removals, failing }: Rest): AccountNotRemovedError {
  return new AccountNotRemovedError(
    `The user is shut out, but cannot be removed yet: ${files} uploads are under way and the bytes of ${removals} deleted ` +
      `files wait for their removal (${failing} failed: see "storage removals"). The server goes on with it; doing it again does, too.`,
  );
}

function isGone(error: unknown): boolean {
  return error instanceof ContractError && error.errorName === 'fileNotFound';
}
