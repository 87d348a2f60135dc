import { ContractError } from '@app/contract';
import type { Access } from '@app/database';
import { limitOf, type Page, pageOf, type PageQuery, readCursor } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { accessOf, type AccessRow } from './link-rows.js';
import { LinkTally } from './link-tally.js';

/** Bytes of an answer at which a page ends, whatever its limit: accesses may have long lists of addresses. */
const LARGEST_PAGE = 512 * 1024;
/** Bytes of an access without what its owner wrote into it. */
const BARE = 1024;

/** An access, and what a list tells of its file. */
export type ListedAccess = Omit<Access, 'file'> & { readonly fileName: string; readonly filePublic: boolean };

type ListedRow = AccessRow & { fileName: string; filePublic: 0 | 1 };

interface AccessesOf {
  readonly ownerId?: number | undefined;
  readonly fileId?: number | undefined;
}

/**
 * Pages of accesses, the oldest first, with all counts up to this moment. A page begins behind an id in an index, so that
 * a deep one costs what the first does.
 */
@Injectable()
export class AccessList {
  private readonly isSqlite: boolean;

  constructor(
    private readonly dataSource: DataSource,
    private readonly tally: LinkTally,
  ) {
    this.isSqlite = dataSource.options.type === 'better-sqlite3';
  }

  /**
   * @param of whose, or of which file, or both
   * @throws ContractError invalidCursor
   */
  async page(of: AccessesOf, query: PageQuery): Promise<Page<ListedAccess>> {
    const after = query.cursor === undefined ? 0 : decode(query.cursor);
    const limit = limitOf(query);
    const read = () => this.read(of, after, limit + 1);
    const found = await read();
    const accesses = (await this.tally.settle(found.map(({ id }) => id))) ? await read() : found;
    return pageOf(accesses, Math.min(limit, fitting(accesses)), ({ id }) => [id]);
  }

  /**
   * Written out (docs/decisions/0050-statements-written-out.md): others wait while rows become objects. MariaDB, left to itself,
   * begins with the files and sorts all of their accesses for each page; joined from the left, and along a range of one, it
   * seeks. (SQLite seeks by the equal value.)
   */
  private async read({ ownerId, fileId }: AccessesOf, after: number, count: number): Promise<ListedAccess[]> {
    const [column, index, value] =
      fileId === undefined ? ['ownerId', 'ix_accesses_owner', ownerId] : ['fileId', 'ix_accesses_file', fileId];
    const source = this.isSqlite ? 'accesses a' : `accesses a USE INDEX (${index})`;
    const terms: [sql: string, value: number | undefined][] = [
      ...(this.isSqlite ? ['='] : ['>=', '<=']).map((is): [string, typeof value] => [`a.${column} ${is} ?`, value]),
      ['a.id > ?', after],
    ];
    if (fileId !== undefined && ownerId !== undefined) terms.push(['a.ownerId = ?', ownerId]);
    const rows = await this.dataSource.query<ListedRow[]>(
      `SELECT a.*, f.name AS fileName, f.public AS filePublic FROM ${source} LEFT JOIN files f ON f.id = a.fileId
       WHERE ${terms.map(([sql]) => sql).join(' AND ')} ORDER BY a.${column}, a.id LIMIT ?`,
      [...terms.map(([, one]) => one), count],
    );
    return rows.map((row) => Object.assign(accessOf(row), { filePublic: row.filePublic === 1 }));
  }
}

/** How many of them fit into one answer; at least one. */
function fitting(accesses: readonly ListedAccess[]): number {
  let bytes = 0;
  const first = accesses.findIndex((access) => (bytes += sizeOf(access)) > LARGEST_PAGE);
  return first < 0 ? accesses.length : Math.max(1, first);
}

function sizeOf({ name, subnets, ips, fileName }: ListedAccess): number {
  return BARE + Buffer.byteLength(JSON.stringify([name, subnets, ips, fileName]));
}

function decode(cursor: string): number {
  const [id] = readCursor(cursor);
  if (!Number.isSafeInteger(id)) throw new ContractError('invalidCursor');
  return id as number;
}
