import { setTimeout as delay } from 'node:timers/promises';
import { AdminUsersService } from '@app/accounts';
import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import { ServerLease } from '@app/data-directory';
import { BlobRemoval, File, type User } from '@app/database';
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

/** An account cannot be removed yet. The message is meant for the admin. */
export class AccountNotRemovedError extends Error {
  override readonly name = 'AccountNotRemovedError';
}

/**
 * Deletes a user with everything: first shut out, then the files, each as its own delete would, then their bytes, last
 * the account. It keeps its name until the bytes are gone, because a new user of that name would get the same paths.
 * Killed at any point, it is resumed by doing it again.
 */
@Injectable()
export class AccountRemoval {
  constructor(
    private readonly lease: ServerLease,
    private readonly dataSource: DataSource,
    private readonly users: AdminUsersService,
    private readonly transaction: DeleteTransaction,
    private readonly removals: RemovalsService,
    private readonly rollback: UploadRollback,
    private readonly uploads: UploadEnds,
  ) {}

  /**
   * @param onProgress called with what is done and how much of it
   * @returns how many files were deleted
   * @throws AccountNotRemovedError when bytes cannot be removed, or an upload does not end; what is done stays done
   */
  async remove(user: User, onProgress: (step: string, done: number) => void): Promise<number> {
    await this.users.setDisabled(user, true);
    let deleted = 0;
    for (const wait = new Patience(); ;) {
      for await (const count of this.deleteFiles(user.id)) onProgress('files deleted', (deleted += count));
      const rest = await this.rest(user.id);
      if (rest.files + rest.removals === 0) break;
      onProgress('removals to go', rest.removals);
      await this.advance(user.id, rest, wait);
    }
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

  /** Lets the server carry out what is left, or does it itself where no server runs. */
  private async advance(ownerId: number, rest: Rest, wait: Patience): Promise<void> {
    if (!(await this.lease.isServed())) return this.finishAlone(ownerId);
    if (rest.failing > 0) throw stuck(rest);
    if (!wait.goesOn(rest)) throw stuck(rest);
    await delay(ASK_EVERY_MS);
  }

  private async finishAlone(ownerId: number): Promise<void> {
    await this.lease.take();
    try {
      await this.rollback.recover();
      await this.uploads.endAll(ownerId);
      const waiting = await this.dataSource.manager.findBy(BlobRemoval, { ownerId });
      for (const removal of waiting) await this.removals.removeBytes(removal).catch(() => undefined);
      await this.removals.settled();
    } finally {
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
      `files wait for their removal (${failing} failed: see "storage removals"). Do it again later to go on.`,
  );
}

function isGone(error: unknown): boolean {
  return error instanceof ContractError && error.errorName === 'fileNotFound';
}
