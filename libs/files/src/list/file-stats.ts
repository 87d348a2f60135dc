import type { TypeCount } from '@app/accounts';
import { SlowReads } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FileStatsBody } from '../dto/file-list.dto.js';
import { SearchTurns } from './search-turns.js';

/** Types that an answer lists: it is no longer than an answer may be, also where each has a name of its own. */
const LISTED_TYPES = 1_000;

/** In one statement, so that sum and parts are of one moment; an owner without files has a row without a type. */
const COUNTERS = `
  SELECT u.usedFiles, u.usedBytes, t.extension, t.files, t.bytes
  FROM users u LEFT JOIN fileTypes t ON t.ownerId = u.id WHERE u.id = ?`;
const LARGEST = `ORDER BY t.bytes DESC, t.extension ASC LIMIT ${LISTED_TYPES}`;

interface Counters extends TypeCount {
  readonly usedFiles: number;
  /** Bytes. */
  readonly usedBytes: number;
}

/** Counts an owner's files by what is counted already. */
@Injectable()
export class FileStats {
  constructor(
    private readonly dataSource: DataSource,
    private readonly slow: SlowReads,
    private readonly turns: SearchTurns,
  ) {}

  /** @throws ContractError unavailable for who has so many types that this takes long, and no turn */
  async of(ownerId: number): Promise<FileStatsBody> {
    const some = await this.dataSource.query<Counters[]>(`${COUNTERS} LIMIT ${LISTED_TYPES + 1}`, [ownerId]);
    if (some.length <= LISTED_TYPES) return bodyOf(some);
    const sorted = () => this.slow.query<Counters>(`${COUNTERS} ${LARGEST}`, [ownerId]);
    return bodyOf(await this.turns.take(ownerId, sorted));
  }
}

function bodyOf(rows: Counters[]): FileStatsBody {
  const types = rows.filter(({ files }) => files > 0).map((row) => ({ ...row, bytes: Number(row.bytes) }));
  return {
    fileCount: rows[0]?.usedFiles ?? 0,
    totalStorage: Number(rows[0]?.usedBytes ?? 0),
    fileTypes: types
      .toSorted((one, other) => other.bytes - one.bytes || (one.extension < other.extension ? -1 : 1))
      .map(({ extension, files, bytes }) => ({
        extension: extension || 'no_extension',
        count: files,
        totalSize: bytes,
      })),
  };
}
