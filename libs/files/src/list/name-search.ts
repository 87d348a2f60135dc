import { ContractError } from '@app/contract';
import { SlowReads } from '@app/database';
import { ClientGoneError, type IsGone } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { foldName } from '../file-name.js';
import type { ListOrder, Position, Term } from './list-order.js';
import { and, LIVE, type ListedFile, type Read, readFiles, valuesOf } from './listed-files.js';

/** Files that the first statement looks at, among all others' reads: most people have no more. */
const FIRST = 500;
/** Files that each further statement looks at: some milliseconds, so that others' come in between. */
const STEP = 5_000;
/** Milliseconds for which a search goes on. */
const LONGEST = 15_000;
/** Seconds after which who was given up may try again. */
const RETRY_AFTER = 10;

/** What is searched for, in which order, and for whom. */
export interface Search {
  readonly order: ListOrder;
  /** A part of the name, in any case. */
  readonly part: string;
  /** Behind which the search begins. */
  readonly behind?: Position;
  /** Asked now and then. */
  readonly isGone?: IsGone;
}

/** A piece of the list, and how it is read. */
interface Piece {
  readonly read: Read;
  readonly terms: Term[];
}

/**
 * Looks through the names of an owner's files. No index knows a part of a name (docs/decisions/0131), so all are looked at, a
 * piece of the list at a time and beside what others do; and the search ends early where its page is full.
 */
@Injectable()
export class NameSearch {
  private readonly read: Read;
  private readonly readSlowly: Read;

  constructor(
    private readonly dataSource: DataSource,
    slow: SlowReads,
  ) {
    this.read = (sql, parameters) => this.dataSource.query(sql, parameters);
    this.readSlowly = (sql, parameters) => slow.query(sql, parameters);
  }

  /** The first so many. @throws ContractError unavailable where it takes too long; ClientGoneError */
  async find(search: Search, limit: number): Promise<ListedFile[]> {
    const found: ListedFile[] = [];
    for await (const { read, terms } of this.pieces(search)) {
      found.push(...(await readFiles(read, search.order, terms, limit - found.length)));
      if (found.length >= limit) break;
    }
    return found;
  }

  /** So many from the `offset`-th on, and how many there are in all. @throws as `find` */
  async findFrom(search: Search, limit: number, offset: number): Promise<{ files: ListedFile[]; total: number }> {
    const files: ListedFile[] = [];
    let total = 0;
    for await (const { read, terms } of this.pieces(search)) {
      const all = [search.order.owned, LIVE, ...terms];
      const sql = `SELECT COUNT(*) AS n FROM ${search.order.source} WHERE ${and(all)}`;
      const [row] = await read<{ n: number | string }>(sql, valuesOf(all));
      const passed = Math.max(0, offset - total);
      total += Number(row?.n ?? 0);
      if (total <= offset || files.length >= limit) continue;
      files.push(...(await readFiles(read, search.order, terms, limit - files.length, passed)));
    }
    return { files, total };
  }

  private async *pieces({ order, part, behind, isGone }: Search): AsyncGenerator<Piece> {
    const named: Term = { sql: 'INSTR(foldedName, ?) > 0', values: [foldName(part)] };
    const deadline = performance.now() + LONGEST;
    let from = behind;
    for (let read = this.read, size = FIRST; ; read = this.readSlowly, size = STEP) {
      const begin = from ? [order.behind(from)] : [];
      const end = await lastOf(read, order, begin, size);
      yield { read, terms: [...begin, ...(end ? [order.upTo(end)] : []), named] };
      if (!end) return;
      from = end;
      if (isGone?.()) throw new ClientGoneError('Nobody waits for the search any more');
      if (performance.now() > deadline) throw new ContractError('unavailable', { retryAfter: RETRY_AFTER });
    }
  }
}

/** Where a piece of so many files ends, by the index alone; nowhere, where there are not so many. */
async function lastOf(read: Read, order: ListOrder, begin: Term[], size: number): Promise<Position | undefined> {
  const all = [order.owned, ...begin];
  const sql = `SELECT ${order.column} AS value, id FROM ${order.source} WHERE ${and(all)} ORDER BY ${order.by} LIMIT 1 OFFSET ${size - 1}`;
  const [position] = await read<Position>(sql, valuesOf(all));
  return position;
}
