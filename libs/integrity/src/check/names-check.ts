import { File } from '@app/database';
import { foldName, nameKey } from '@app/files';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Finding } from './finding.js';

/** Rows read at once. */
const PAGE = 500;

type Row = Pick<File, 'id' | 'ownerId' | 'storageKey' | 'name' | 'nameKey'>;
const COLUMNS = 'id, ownerId, storageKey, name, nameKey';

/** What a file's name is compared by, once its rule is applied anew. */
export function keyOfName(name: string): string {
  return nameKey(foldName(name));
}

/** The names within each owner's folder: no two of them look the same. */
@Injectable()
export class NamesCheck {
  constructor(private readonly dataSource: DataSource) {}

  async *findings(): AsyncGenerator<Finding> {
    for (let after = 0; ;) {
      const rows = await this.dataSource.query<Row[]>(
        `SELECT ${COLUMNS} FROM files WHERE id > ? AND state = 'live' ORDER BY id LIMIT ${PAGE}`,
        [after],
      );
      if (rows.length === 0) return;
      for (const row of rows) {
        const finding = row.nameKey !== keyOfName(row.name) && (await this.judge(row));
        if (finding) yield finding;
      }
      after = rows.at(-1)!.id;
    }
  }

  /** Two files of one name stay until their owner deletes one: only then is it right to compare the other by its own. */
  private async judge({ id: fileId, ownerId, storageKey: key, name }: Row): Promise<Finding | undefined> {
    const { manager } = this.dataSource;
    const twin = await manager.findOneBy(File, { ownerId, nameKey: keyOfName(name), state: 'live' });
    if (!(await manager.existsBy(File, { id: fileId, state: 'live' }))) return undefined;
    if (!twin) return { kind: 'name-key', fileId, ownerId, key, problem: 'its name is compared by another one' };
    return {
      kind: 'name-alike',
      fileId,
      ownerId,
      key,
      problem: `looks the same as file ${twin.id}: delete one of them`,
    };
  }
}
