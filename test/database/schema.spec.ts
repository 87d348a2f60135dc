import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import {
  type DatabaseSettings,
  dataSourceOptions,
  File,
  MigratableDataSource,
  openDatabase,
  User,
} from '@app/database';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { TableColumn } from 'typeorm';
import { expect, it } from 'vitest';
import { closing, onEachDatabase } from '../support/columns.js';
import { openProbe } from '../support/probe.js';
import { outputOf, startScript } from '../support/script.js';
import { accessRow, fileRow, userRow } from './rows.js';

/** Adds a column to a table that others refer to, in the way of TypeORM, which on SQLite makes the table anew. */
class Later1999000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.addColumn('files', new TableColumn({ name: 'parentId', type: 'integer', isNullable: true }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('files', 'parentId');
  }
}

class Failing1999000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query("INSERT INTO storages (id, kind, createdAt) VALUES ('half', 'local', 1)");
    throw new Error('does not work');
  }

  async down(): Promise<void> {}
}

const MIGRATIONS = readdirSync('libs/database/src/migrations').length;

onEachDatabase('the schema', (column) => {
  const closed = closing();
  const open = async (settings: DatabaseSettings) => closed(await openDatabase(settings));
  const migratable = async (settings: DatabaseSettings, ...later: (new () => MigrationInterface)[]) => {
    const options = dataSourceOptions(settings);
    const migrations = [...(options.migrations as []), ...later];
    const dataSource = await new MigratableDataSource({ ...options, migrations }).initialize();
    closed({ close: () => dataSource.destroy() });
    return dataSource;
  };
  const empty = async () => (await column.empty()) as DatabaseSettings;

  /** One user with one file with one access. */
  const fill = async (settings: DatabaseSettings) => {
    const database = await openDatabase(settings);
    await database.units.run(async (unit) => {
      const { identifiers: users } = await unit.manager.insert(User, userRow('ada'));
      const { identifiers: files } = await unit.manager.insert(File, fileRow(users[0]!.id, 'f'));
      await unit.manager.insert('Access', accessRow(files[0]!.id, 'l'));
    });
    await database.close();
  };
  const counts = async (settings: DatabaseSettings) => {
    const probe = await openProbe(settings);
    const [row] = await probe.rows(
      'SELECT (SELECT COUNT(*) FROM users) AS users, (SELECT COUNT(*) FROM files) AS files, (SELECT COUNT(*) FROM accesses) AS accesses',
    );
    await probe.close();
    return row;
  };

  it('is what the entities say', async () => {
    const dataSource = await migratable(await empty());
    await dataSource.runMigrations();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('goes down to nothing and up again', async () => {
    const dataSource = await migratable(await empty());
    expect(await dataSource.runMigrations()).toHaveLength(MIGRATIONS);
    for (let count = 0; count < MIGRATIONS; count += 1) await dataSource.undoLastMigration();
    const runner = dataSource.createQueryRunner();
    for (const { tableName } of dataSource.entityMetadatas) expect(await runner.hasTable(tableName)).toBe(false);
    await runner.release();
    expect(await dataSource.runMigrations()).toHaveLength(MIGRATIONS);
    expect((await dataSource.driver.createSchemaBuilder().log()).upQueries).toEqual([]);
  });

  it('loses no row when a later migration goes up and down', async () => {
    const settings = await empty();
    await fill(settings);
    const dataSource = await migratable(settings, Later1999000000000);
    expect(await dataSource.runMigrations()).toHaveLength(1);
    expect(await counts(settings)).toEqual({ users: 1, files: 1, accesses: 1 });
    await dataSource.undoLastMigration();
    expect(await counts(settings)).toEqual({ users: 1, files: 1, accesses: 1 });
    expect((await dataSource.driver.createSchemaBuilder().log()).upQueries).toEqual([]);
    const orphan = dataSource.query(
      "INSERT INTO sessions (id, userId, createdAt, expiresAt, lastSeenAt, userAgent) VALUES ('s', 77, 1, 1, 1, '')",
    );
    await expect(orphan, 'foreign keys are on again').rejects.toThrow(/foreign key/i);
  });

  it('is left as it was by a migration that fails', async () => {
    const settings = await empty();
    await fill(settings);
    const dataSource = await migratable(settings, Failing1999000000001);
    await expect(dataSource.runMigrations()).rejects.toThrow('does not work');
    expect(await dataSource.query('SELECT id FROM storages')).toEqual([]);
    expect(await dataSource.query("SELECT name FROM migrations WHERE name LIKE 'Failing%'")).toEqual([]);
    await open(settings);
  });

  it('is made once by four processes that start together', async () => {
    const settings = await empty();
    const children = [1, 2, 3, 4].map(() => startScript('test/database/open.script.ts', JSON.stringify(settings)));
    await Promise.all(children.map((child) => once(child.stdout!, 'data')));
    const outputs = children.map(outputOf);
    for (const child of children) child.stdin!.end();
    expect(await Promise.all(outputs)).toEqual(Array(4).fill(`migrations: ${MIGRATIONS}\n`));
  });

  it('is made once by eight connections that start together', async () => {
    const settings = await empty();
    await Promise.all(Array.from({ length: 8 }, () => open(settings)));
    const probe = closed(await openProbe(settings));
    expect(await probe.rows('SELECT COUNT(*) AS n FROM migrations')).toEqual([{ n: MIGRATIONS }]);
  });

  it('never gives the id of a deleted row again, not even after a crash', async () => {
    const settings = await empty();
    await fill(settings);
    const add = async () => {
      const database = await openDatabase(settings);
      const id = await database.units.run(async (unit) => {
        const { identifiers } = await unit.manager.insert(File, fileRow(1, 'next'));
        return identifiers[0]!.id as number;
      });
      await database.units.run((unit) => unit.change('DELETE FROM files WHERE id = ?', [id]));
      await database.close();
      return id;
    };
    const first = await add();
    expect(await add()).toBeGreaterThan(first);
    const last = await add();
    await column.crash();
    expect(await add()).toBeGreaterThan(last);
  });

  it('compares names, keys and links byte by byte, whatever the server does by default', async () => {
    if (column.engine === 'sqlite') return;
    const settings = await empty();
    await open(settings);
    const probe = closed(await openProbe(settings));
    const tables = await probe.rows(
      "SELECT DISTINCT ENGINE AS engine, TABLE_COLLATION AS collation FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> 'migrations'",
    );
    expect(tables).toEqual([{ engine: 'InnoDB', collation: 'utf8mb4_bin' }]);
    const columns = await probe.rows(
      "SELECT DISTINCT COLLATION_NAME AS collation FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME <> 'migrations' AND COLLATION_NAME IS NOT NULL",
    );
    expect(columns).toEqual([{ collation: 'utf8mb4_bin' }]);
    expect(await probe.rows('SELECT @@collation_database AS collation')).not.toEqual([{ collation: 'utf8mb4_bin' }]);
  });
});
