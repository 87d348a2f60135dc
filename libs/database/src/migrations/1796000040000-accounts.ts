import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const SESSION_SECRET = new TableIndex({
  name: 'uq_sessions_secret',
  columnNames: ['secretHash'],
  isUnique: true,
});

/** Sessions of browsers, which are known by a secret. */
export class Accounts1796000040000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions ADD COLUMN secretHash varchar(64) NULL');
    await runner.createIndex('sessions', SESSION_SECRET);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('sessions', SESSION_SECRET);
    await runner.query('ALTER TABLE sessions DROP COLUMN secretHash');
  }
}
