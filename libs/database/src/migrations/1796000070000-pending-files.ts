import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The index by state holds the pending files alone: nobody looks for the live ones by it, and each upload and each delete
 * paid for their entries. MariaDB knows no such index and keeps the whole one.
 */
export class PendingFiles1796000070000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await makeIndex(runner, " WHERE state = 'pending'");
  }

  async down(runner: QueryRunner): Promise<void> {
    await makeIndex(runner, '');
  }
}

async function makeIndex(runner: QueryRunner, where: string): Promise<void> {
  if (runner.connection.options.type !== 'better-sqlite3') return;
  await runner.query('DROP INDEX ix_files_state');
  await runner.query(`CREATE INDEX ix_files_state ON files (state)${where}`);
}
