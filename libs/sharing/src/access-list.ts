import { ContractError } from '@app/contract';
import { Access } from '@app/database';
import { limitOf, type Page, pageOf, type PageQuery, readCursor } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LinkTally } from './link-tally.js';

/** Bytes of an answer at which a page ends, whatever its limit: accesses may have long lists of addresses. */
const LARGEST_PAGE = 512 * 1024;
/** Bytes of an access without what its owner wrote into it. */
const BARE = 1024;

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
   * @returns accesses with their files
   * @throws ContractError invalidCursor
   */
  async page(of: AccessesOf, query: PageQuery): Promise<Page<Access>> {
    const after = query.cursor === undefined ? 0 : decode(query.cursor);
    const limit = limitOf(query);
    const read = () => this.read(of, after, limit + 1);
    const found = await read();
    const accesses = (await this.tally.settle(found.map(({ id }) => id))) ? await read() : found;
    return pageOf(accesses, Math.min(limit, fitting(accesses)), ({ id }) => [id]);
  }

  /**
   * MariaDB, left to itself, begins with the files and sorts all of their accesses for each page; joined from the left, and along
   * a range of one, it seeks. (SQLite seeks by the equal value.)
   */
  private read({ ownerId, fileId }: AccessesOf, after: number, count: number) {
    const [column, index] = fileId === undefined ? ['ownerId', 'ix_accesses_owner'] : ['fileId', 'ix_accesses_file'];
    const by = `access.${column}`;
    const query = this.dataSource
      .createQueryBuilder(Access, 'access')
      .leftJoinAndSelect('access.file', 'file')
      .where(this.isSqlite ? `${by} = :value` : `${by} >= :value AND ${by} <= :value`, { value: fileId ?? ownerId })
      .andWhere('access.id > :after', { after });
    if (fileId !== undefined && ownerId !== undefined) query.andWhere('access.ownerId = :ownerId', { ownerId });
    return query.useIndex(index).orderBy(by, 'ASC').addOrderBy('access.id', 'ASC').limit(count).getMany();
  }
}

/** How many of them fit into one answer; at least one. */
function fitting(accesses: readonly Access[]): number {
  let bytes = 0;
  const first = accesses.findIndex((access) => (bytes += sizeOf(access)) > LARGEST_PAGE);
  return first < 0 ? accesses.length : Math.max(1, first);
}

function sizeOf({ name, subnets, ips, file }: Access): number {
  return BARE + Buffer.byteLength(JSON.stringify([name, subnets, ips, file.name]));
}

function decode(cursor: string): number {
  const [id] = readCursor(cursor);
  if (!Number.isSafeInteger(id)) throw new ContractError('invalidCursor');
  return id as number;
}
