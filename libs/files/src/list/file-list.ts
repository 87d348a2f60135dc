import { ContractError } from '@app/contract';
import { SlowReads } from '@app/database';
import { type IsGone, limitOf, type Page, pageOf } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FileSort, FileStatsBody, ListFilesQuery } from '../dto/file-list.dto.js';
import { FileStats } from './file-stats.js';
import { ListOrder } from './list-order.js';
import { type ListedFile, readFiles, readFilesFrom } from './listed-files.js';
import { NameSearch } from './name-search.js';
import { SearchTurns } from './search-turns.js';

const DEFAULT_SORT: FileSort = '-createdAt';

/** Files that a jump may pass over among all others' reads: less than a millisecond. */
const NEAR = 2_000;

export interface FilePage extends Page<ListedFile> {
  /** How many there are in all, for who asked by position. */
  readonly total?: number;
}

/**
 * Pages of an owner's files. A page begins behind a position in an index, so a deep one costs what the first does. Who jumps
 * to the n-th file (`position`) or looks for a part of a name (`q`) makes the database walk: that is bounded, and beside
 * all others.
 */
@Injectable()
export class FileList {
  constructor(
    private readonly dataSource: DataSource,
    private readonly slow: SlowReads,
    private readonly search: NameSearch,
    private readonly turns: SearchTurns,
    private readonly statistics: FileStats,
  ) {}

  /** @throws ContractError unavailable */
  stats(ownerId: number): Promise<FileStatsBody> {
    return this.statistics.of(ownerId);
  }

  /**
   * @throws ContractError invalidCursor, badRequest for both a cursor and a position; unavailable for a search that has no
   * turn, or no end; ClientGoneError
   */
  async page(ownerId: number, query: ListFilesQuery, isGone?: IsGone): Promise<FilePage> {
    const { cursor, position, q, sort = DEFAULT_SORT } = query;
    if (cursor !== undefined && position !== undefined) {
      throw new ContractError('badRequest', { text: 'cursor and position do not go together' });
    }
    const limit = limitOf(query);
    const order = new ListOrder(this.dataSource, ownerId, sort);
    const behind = cursor === undefined ? undefined : order.positionOf(cursor);
    const page = (files: ListedFile[]) => pageOf(files, limit, (last) => [sort, last[order.column], last.id]);
    const search = q ? { order, part: q, behind, isGone } : undefined;
    if (position === undefined) {
      if (search) return page(await this.turns.take(ownerId, () => this.search.find(search, limit + 1)));
      return page(await readFiles(this.read, order, behind ? [order.behind(behind)] : [], limit + 1));
    }
    if (!search)
      return { ...page(await this.from(order, limit + 1, Number(position))), total: await this.total(ownerId) };
    const found = await this.turns.take(ownerId, () => this.search.findFrom(search, limit + 1, Number(position)));
    return { ...page(found.files), total: found.total };
  }

  private async from(order: ListOrder, limit: number, offset: number): Promise<ListedFile[]> {
    if (offset <= NEAR) return readFilesFrom(this.read, order, limit, offset);
    const read = <Row>(sql: string, parameters: (string | number)[]) => this.slow.query<Row>(sql, parameters);
    return this.turns.take(order.ownerId, () => readFilesFrom(read, order, limit, offset));
  }

  private readonly read = <Row>(sql: string, parameters: (string | number)[]): Promise<Row[]> =>
    this.dataSource.query(sql, parameters);

  /** All of an owner's are counted already. */
  private async total(ownerId: number): Promise<number> {
    const sql = 'SELECT usedFiles AS n FROM users WHERE id = ?';
    const [row] = await this.dataSource.query<{ n: number }[]>(sql, [ownerId]);
    return Number(row?.n ?? 0);
  }
}
