import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const THROTTLES = new Table({
  name: 'throttles',
  columns: [
    { name: 'subject', type: 'varchar', length: '64', isPrimary: true, primaryKeyConstraintName: 'pk_throttles' },
    { name: 'points', type: 'bigint' },
    { name: 'expiresAt', type: 'bigint' },
  ],
  indices: [{ name: 'ix_throttles_expiry', columnNames: ['expiresAt'] }],
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** What servers that share a drive count together. */
export class Throttles1796000190000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(THROTTLES.clone());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('throttles');
  }
}
