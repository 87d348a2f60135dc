import { type Tally, Usage } from '@app/accounts';
import { BlobRemoval } from '@app/database';
import { AllDrivers } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckTally } from './check-tally.js';
import type { Finding } from './finding.js';

const PAGE = 500;
/** Users at once; each has its files counted. */
const USERS = 50;

interface AccessRow {
  readonly id: number;
  readonly fileId: number;
  readonly state: string | null;
  readonly oneTimeUse: number;
  readonly enableTTL: number;
  readonly ttl: number | null;
  readonly uses: number;
}

/** Each row is consistent in itself: one statement sees one moment. */
const ACCESSES = `
  SELECT a.id, a.fileId, a.oneTimeUse, a.enableTTL, a.ttl, a.uses, f.state
  FROM accesses a LEFT JOIN files f ON f.id = a.fileId`;

/** The records among themselves: accesses, usage, and removals that wait. */
@Injectable()
export class LedgerCheck {
  constructor(
    private readonly dataSource: DataSource,
    private readonly drivers: AllDrivers,
    private readonly usages: Usage,
  ) {}

  async *findings(tally: CheckTally): AsyncGenerator<Finding> {
    yield* this.accesses(tally);
    yield* this.usage(tally);
    yield* this.removals(tally);
  }

  private async *accesses(tally: CheckTally): AsyncGenerator<Finding> {
    for await (const row of this.rows<AccessRow>(`${ACCESSES} WHERE a.id > ? ORDER BY a.id LIMIT ${PAGE}`)) {
      tally.accesses += 1;
      tally.onProgress('accesses', tally.accesses);
      if (!judgeAccess(row)) continue;
      const [again] = await this.dataSource.query<AccessRow[]>(`${ACCESSES} WHERE a.id = ?`, [row.id]);
      const finding = again && judgeAccess(again);
      if (finding) yield finding;
    }
  }

  private async *usage(tally: CheckTally): AsyncGenerator<Finding> {
    for await (const row of this.pages((after) => this.usages.tallies(after, USERS))) {
      tally.users += 1;
      tally.onProgress('users', tally.users);
      if (!judgeUsage(row)) continue;
      const again = await this.usages.tally(row.id);
      const finding = again && judgeUsage(again);
      if (finding) yield finding;
    }
  }

  /** A removal that has not failed is work, not damage. */
  private async *removals(tally: CheckTally): AsyncGenerator<Finding> {
    const select = `SELECT * FROM blobRemovals WHERE id > ? ORDER BY id LIMIT ${PAGE}`;
    for await (const { id } of this.rows<BlobRemoval>(select)) {
      const removal = await this.dataSource.manager.findOneBy(BlobRemoval, { id });
      if (!removal) continue;
      const { ownerId, storageKey: key, storageId, attempts, lastError } = removal;
      if (!this.drivers.of(storageId)) {
        yield { kind: 'storage-unknown', removalId: id, ownerId, key, problem: `is recorded in storage ${storageId}` };
      } else if (attempts > 0) {
        const problem = `${attempts} failed attempts, the last one: ${lastError ?? 'unknown'}`;
        yield { kind: 'removal-failing', removalId: id, ownerId, key, problem };
      } else tally.removalsWaiting += 1;
    }
  }

  /** All rows of a query whose only parameter is the id behind which a page begins. */
  private rows<Row extends { id: number }>(sql: string): AsyncGenerator<Row> {
    return this.pages((after) => this.dataSource.query<Row[]>(sql, [after]));
  }

  private async *pages<Row extends { id: number }>(read: (after: number) => Promise<Row[]>): AsyncGenerator<Row> {
    for (let after = 0; ;) {
      const rows = await read(after);
      if (rows.length === 0) return;
      yield* rows;
      after = rows.at(-1)!.id;
    }
  }
}

function judgeAccess(row: AccessRow): Finding | undefined {
  const where = { accessId: row.id, fileId: row.fileId };
  if (row.state !== 'live') {
    const problem = row.state === null ? 'its file is not there' : 'its file is only a pending upload';
    return { kind: 'access-orphaned', ...where, problem };
  }
  const limit = row.oneTimeUse ? 1 : row.enableTTL ? row.ttl : null;
  if (limit === null || row.uses <= limit) return undefined;
  return { kind: 'access-overused', ...where, problem: `${row.uses} uses, ${limit} allowed` };
}

function judgeUsage(tally: Tally): Finding | undefined {
  const { id: ownerId, username, usedFiles, usedBytes, files, bytes, miscounted } = tally;
  const where = { kind: 'usage-wrong', ownerId, username } as const;
  if (usedFiles === files && usedBytes === bytes)
    return miscounted ? { ...where, problem: 'its files are counted wrongly by their extensions' } : undefined;
  const problem = `${usedFiles} files and ${usedBytes} bytes are counted, ${files} files and ${bytes} bytes are there`;
  return { ...where, problem };
}
