import { type Access, type File, UnitOfWork, type User } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

const PAGE = 500;

/** Which links; all that is given must hold. */
export interface LinkFilter {
  readonly ownerId?: number | undefined;
  readonly fileId?: number | undefined;
  /** Milliseconds since 1970. */
  readonly createdBefore?: number | undefined;
  /** Milliseconds since 1970: neither used nor made since. */
  readonly unusedSince?: number | undefined;
  /** Whose time is over by this moment. */
  readonly expiredBy?: number | undefined;
}

/** A link as admins see it: never the token, with which one has the file. */
export type ListedLink = Pick<Access, 'id' | 'fileId' | 'name' | 'uses' | 'lastUsedAt' | 'createdAt' | 'expiresAt'> & {
  readonly public: 0 | 1;
  readonly fileName: File['name'];
  readonly username: User['username'];
};

const COLUMNS = 'a.id, a.fileId, a.name, a.public, a.uses, a.lastUsedAt, a.createdAt, a.expiresAt';

/** What admins do with everybody's links, beside the server. */
@Injectable()
export class AdminLinksService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  /** The oldest first, read page by page. */
  async *list(filter: LinkFilter): AsyncGenerator<ListedLink> {
    const { sql, values } = conditionsOf(filter);
    for (let after = 0; ;) {
      const page = await this.dataSource.query<ListedLink[]>(
        `SELECT ${COLUMNS}, f.name AS fileName, u.username FROM accesses a
         JOIN files f ON f.id = a.fileId JOIN users u ON u.id = f.ownerId
         WHERE a.id > ? ${sql} ORDER BY a.id LIMIT ${PAGE}`,
        [after, ...values],
      );
      if (page.length === 0) return;
      yield* page;
      after = Number(page.at(-1)!.id);
    }
  }

  /** Deletes accesses, whose links are dead at once. One that meanwhile no longer fits, as by a use, stays. */
  async *revoke(filter: LinkFilter): AsyncGenerator<number> {
    const { sql, values } = conditionsOf(filter);
    const find = `SELECT a.id FROM accesses a WHERE a.id > ? ${sql} ORDER BY a.id LIMIT ${PAGE}`;
    for (let after = 0; ;) {
      const page = await this.dataSource.query<{ id: number }[]>(find, [after, ...values]);
      if (page.length === 0) return;
      const marks = page.map(() => '?').join(', ');
      // Without a name of its own for the table: not every engine takes one in a DELETE.
      const remove = `DELETE FROM accesses WHERE id IN (${marks}) ${sql.replaceAll('a.', '')}`;
      yield await this.units.run((unit) => unit.change(remove, [...page.map(({ id }) => id), ...values]));
      after = Number(page.at(-1)!.id);
    }
  }
}

function conditionsOf(filter: LinkFilter): { sql: string; values: number[] } {
  const { ownerId, fileId, createdBefore, unusedSince, expiredBy } = filter;
  const conditions = [
    ['a.ownerId = ?', ownerId],
    ['a.fileId = ?', fileId],
    ['a.createdAt < ?', createdBefore],
    ['COALESCE(a.lastUsedAt, a.createdAt) < ?', unusedSince],
    ['a.expiresAt <= ?', expiredBy],
  ] as const;
  const given = conditions.filter(
    (condition): condition is [(typeof condition)[0], number] => condition[1] !== undefined,
  );
  return { sql: given.map(([sql]) => `AND ${sql}`).join(' '), values: given.map(([, value]) => value) };
}
