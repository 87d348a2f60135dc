import { ContractError } from '@app/contract';
import { readCursor } from '@app/http';
import type { DataSource } from 'typeorm';
import type { FileSort } from '../dto/file-list.dto.js';

/** By which index each order is read. */
const INDEXES = { createdAt: 'ix_files_owner_created', name: 'ix_files_owner_text', size: 'ix_files_owner_size' };
type Column = keyof typeof INDEXES;

export type Value = string | number;

/** A place in a list: that of the file with this value and id. */
export interface Position {
  readonly value: Value;
  readonly id: number;
}

/** A part of a statement, and what its question marks stand for. */
export interface Term {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** An owner's files in an order, as the statements have it: each is read along an index, and begins behind a position in it. */
export class ListOrder {
  readonly column: Column;
  /** What stands behind FROM. */
  readonly source: string;
  /** The condition that the files are the owner's. */
  readonly owned: Term;
  /** What stands behind ORDER BY. */
  readonly by: string;
  /** The same, where the owner's files are known already. */
  readonly ofTable: string;
  private readonly isSqlite: boolean;
  private readonly direction: 'ASC' | 'DESC';

  /**
   * MariaDB is told which index to use: to find that out took it a quarter of the statement's time. Where an owner is equal
   * to something, it reads a descending page from the owner's last entry on, through all the pages before it; where the
   * owner is in a range, if only a range of one, it seeks. SQLite is the other way round.
   */
  constructor(
    dataSource: DataSource,
    readonly ownerId: number,
    readonly sort: FileSort,
  ) {
    this.isSqlite = dataSource.options.type === 'better-sqlite3';
    this.column = sort.replace('-', '') as Column;
    this.direction = sort.startsWith('-') ? 'DESC' : 'ASC';
    const inRange = !this.isSqlite && this.direction === 'DESC';
    this.source = this.isSqlite ? 'files' : `files FORCE INDEX (${INDEXES[this.column]})`;
    this.owned = inRange
      ? { sql: 'ownerId >= ? AND ownerId <= ?', values: [ownerId, ownerId] }
      : { sql: 'ownerId = ?', values: [ownerId] };
    this.by = `${inRange ? 'ownerId DESC, ' : ''}${this.column} ${this.direction}, id ${this.direction}`;
    this.ofTable = `files.${this.column} ${this.direction}, files.id ${this.direction}`;
  }

  /** Behind a position, in this order. */
  behind(position: Position): Term {
    return this.compared(this.direction === 'DESC' ? '<' : '>', position);
  }

  /** Up to a position, and the file there. */
  upTo({ value, id }: Position): Term {
    // One more, or less: ids are whole numbers.
    const down = this.direction === 'DESC';
    return this.compared(down ? '>' : '<', { value, id: down ? id - 1 : id + 1 });
  }

  /** A cursor belongs to the sort that it was made for. @throws ContractError invalidCursor */
  positionOf(cursor: string): Position {
    const [sort, value, id] = readCursor(cursor);
    // Whole numbers only: JSON can also write an infinite one, which SQL cannot.
    const fits = this.column === 'name' ? typeof value === 'string' : Number.isSafeInteger(value);
    if (sort !== this.sort || !fits || !Number.isSafeInteger(id)) throw new ContractError('invalidCursor');
    return { value: value as Value, id: id as number };
  }

  /**
   * SQLite seeks by both at once. For MariaDB the first half lets the index seek; the second, a CASE that it does not try to
   * seek by, settles equal values by id.
   */
  private compared(beyond: '<' | '>', { value, id }: Position): Term {
    const { column } = this;
    if (this.isSqlite) return { sql: `(${column}, id) ${beyond} (?, ?)`, values: [value, id] };
    return {
      sql: `${column} ${beyond}= ? AND CASE WHEN ${column} = ? THEN id ${beyond} ? ELSE TRUE END`,
      values: [value, value, id],
    };
  }
}
