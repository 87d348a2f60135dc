import { ContractError } from '@app/contract';
import { File } from '@app/database';
import { Injectable } from '@nestjs/common';
import { Brackets, DataSource, type SelectQueryBuilder } from 'typeorm';
import type { FileSort, ListFilesQuery } from './dto/file-list.dto.js';
import { foldName } from './file-name.js';

const DEFAULT_LIMIT = 50;
const DEFAULT_SORT: FileSort = '-createdAt';

type Column = 'createdAt' | 'name' | 'size';

/** Where the page before ended. */
interface Position {
  readonly sort: FileSort;
  readonly value: string | number;
  readonly id: number;
}

export interface FilePage {
  readonly files: File[];
  readonly nextCursor: string | null;
}

/** Pages of an owner's files. A page begins behind a position in an index, so a deep one costs what the first does. */
@Injectable()
export class FileList {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ContractError invalidCursor */
  async page(ownerId: number, query: ListFilesQuery): Promise<FilePage> {
    const limit = Number(query.limit ?? DEFAULT_LIMIT);
    const sort = query.sort ?? DEFAULT_SORT;
    const column = sort.replace('-', '') as Column;
    const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
    const select = this.filesOf(ownerId, direction)
      .andWhere("file.state = 'live'")
      .addOrderBy(`file.${column}`, direction)
      .addOrderBy('file.id', direction)
      .take(limit + 1);
    if (query.cursor !== undefined) select.andWhere(behind(column, direction, decode(query.cursor, sort)));
    if (query.q) select.andWhere('INSTR(file.foldedName, :part) > 0', { part: foldName(query.q) });
    const files = await select.getMany();
    const last = files.length > limit ? files[limit - 1] : undefined;
    return {
      files: files.slice(0, limit),
      nextCursor: last ? encode({ sort, value: last[column], id: last.id }) : null,
    };
  }

  /**
   * Where an owner is equal to something, MariaDB reads a descending page from the owner's last entry on, through all the
   * pages before it; where the owner is in a range, if only a range of one, it seeks. SQLite is the other way round.
   */
  private filesOf(ownerId: number, direction: 'ASC' | 'DESC'): SelectQueryBuilder<File> {
    const files = this.dataSource.createQueryBuilder(File, 'file');
    const seeks = direction === 'ASC' || this.dataSource.options.type === 'better-sqlite3';
    if (seeks) return files.where('file.ownerId = :ownerId', { ownerId });
    return files
      .where('file.ownerId >= :ownerId AND file.ownerId <= :ownerId', { ownerId })
      .orderBy('file.ownerId', 'DESC');
  }
}

/** Both halves are needed: the first lets the index seek, the second settles equal values by id. */
function behind(column: Column, direction: 'ASC' | 'DESC', { value, id }: Position): Brackets {
  const beyond = direction === 'DESC' ? '<' : '>';
  return new Brackets((where) =>
    where
      .where(`file.${column} ${beyond}= :value`, { value })
      .andWhere(`(file.${column} ${beyond} :value OR file.id ${beyond} :id)`, { value, id }),
  );
}

function encode({ sort, value, id }: Position): string {
  return Buffer.from(JSON.stringify([sort, value, id])).toString('base64url');
}

/** A cursor belongs to the sort that it was made for. */
function decode(cursor: string, expected: FileSort): Position {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = undefined;
  }
  const [sort, value, id] = Array.isArray(parts) ? (parts as unknown[]) : [];
  const type = expected.endsWith('name') ? 'string' : 'number';
  if (sort !== expected || typeof value !== type || !Number.isSafeInteger(id)) throw new ContractError('invalidCursor');
  return { sort: expected, value: value as string | number, id: id as number };
}
