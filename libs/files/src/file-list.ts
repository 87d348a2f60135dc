import { ContractError } from '@app/contract';
import type { File } from '@app/database';
import { limitOf, type Page, pageOf, readCursor } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FileSort, ListFilesQuery } from './dto/file-list.dto.js';
import { foldName } from './file-name.js';
import { fileOf, type FileRow } from './file-rows.js';

const DEFAULT_SORT: FileSort = '-createdAt';

/** Only what a list shows: the other columns are the longer half of a row. */
const LISTED = ['id', 'name', 'size', 'sha256', 'public', 'createdAt', 'updatedAt'] as const;
const COLUMNS = LISTED.join(', ');
type Listed = (typeof LISTED)[number];

/** By which index each order is read. */
const INDEXES = { createdAt: 'ix_files_owner_created', name: 'ix_files_owner_text', size: 'ix_files_owner_size' };
type Column = keyof typeof INDEXES;

/** Where the page before ended. */
interface Position {
  readonly value: string | number;
  readonly id: number;
}

/** A part of a condition, and what its question marks stand for. */
interface Term {
  readonly sql: string;
  readonly values: (string | number)[];
}

export interface FilePage extends Page<Pick<File, Listed>> {
  /** How many there are in all, for who asked by position. */
  readonly total?: number;
}

/**
 * Pages of an owner's files. A page begins behind a position in an index, so a deep one costs what the first does; only
 * who jumps to the n-th file (`position`) lets the database walk there.
 */
@Injectable()
export class FileList {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ContractError invalidCursor, badRequest for both a cursor and a position */
  async page(ownerId: number, query: ListFilesQuery): Promise<FilePage> {
    if (query.cursor !== undefined && query.position !== undefined) {
      throw new ContractError('badRequest', { text: 'cursor and position do not go together' });
    }
    const limit = limitOf(query);
    const sort = query.sort ?? DEFAULT_SORT;
    const column = sort.replace('-', '') as Column;
    const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
    const { source, owned, order } = this.filesOf(ownerId, column, direction);
    const terms: Term[] = [owned, { sql: "state = 'live'", values: [] }];
    if (query.cursor !== undefined) terms.push(behind(column, direction, decode(query.cursor, sort)));
    if (query.q) terms.push(named(query.q));
    const where = terms.map(({ sql }) => sql).join(' AND ');
    const sql = `SELECT ${COLUMNS} FROM ${source} WHERE ${where} ORDER BY ${order}${column} ${direction}, id ${direction} LIMIT ? OFFSET ?`;
    const values = [...terms.flatMap((term) => term.values), limit + 1, Number(query.position ?? 0)];
    const files = (await this.dataSource.query<FileRow<Listed>[]>(sql, values)).map((row) => fileOf(row));
    const page = pageOf(files, limit, (last) => [sort, last[column], last.id]);
    return query.position === undefined ? page : { ...page, total: await this.total(ownerId, query.q) };
  }

  /** All of an owner's are counted already; those of a name have to be. */
  private async total(ownerId: number, q: string | undefined): Promise<number> {
    const { sql, values } = q ? named(q) : { sql: '', values: [] };
    const statement = q
      ? `SELECT COUNT(*) AS n FROM files WHERE ownerId = ? AND state = 'live' AND ${sql}`
      : 'SELECT usedFiles AS n FROM users WHERE id = ?';
    const [row] = await this.dataSource.query<{ n: number | string }[]>(statement, [ownerId, ...values]);
    return Number(row?.n ?? 0);
  }

  /**
   * MariaDB is told which index to use: to find that out took it a quarter of the statement's time. Where an owner is equal
   * to something, it reads a descending page from the owner's last entry on, through all the pages before it; where the
   * owner is in a range, if only a range of one, it seeks. SQLite is the other way round.
   */
  private filesOf(ownerId: number, column: Column, direction: 'ASC' | 'DESC') {
    const equal: Term = { sql: 'ownerId = ?', values: [ownerId] };
    if (this.dataSource.options.type === 'better-sqlite3') return { source: 'files', owned: equal, order: '' };
    const source = `files FORCE INDEX (${INDEXES[column]})`;
    if (direction === 'ASC') return { source, owned: equal, order: '' };
    const range: Term = { sql: 'ownerId >= ? AND ownerId <= ?', values: [ownerId, ownerId] };
    return { source, owned: range, order: 'ownerId DESC, ' };
  }
}

/** A part of the name, in any case. */
function named(part: string): Term {
  return { sql: 'INSTR(foldedName, ?) > 0', values: [foldName(part)] };
}

/** The first half lets the index seek; the second, a CASE that no engine tries to seek by, settles equal values by id. */
function behind(column: Column, direction: 'ASC' | 'DESC', { value, id }: Position): Term {
  const beyond = direction === 'DESC' ? '<' : '>';
  return {
    sql: `${column} ${beyond}= ? AND CASE WHEN ${column} = ? THEN id ${beyond} ? ELSE TRUE END`,
    values: [value, value, id],
  };
}

/** A cursor belongs to the sort that it was made for. */
function decode(cursor: string, expected: FileSort): Position {
  const [sort, value, id] = readCursor(cursor);
  // Whole numbers only: JSON can also write an infinite one, which SQL cannot.
  const fits = expected.endsWith('name') ? typeof value === 'string' : Number.isSafeInteger(value);
  if (sort !== expected || !fits || !Number.isSafeInteger(id)) throw new ContractError('invalidCursor');
  return { value: value as string | number, id: id as number };
}
