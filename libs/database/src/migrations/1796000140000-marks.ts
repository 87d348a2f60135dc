import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const MARKS = new Table({
  name: 'marks',
  columns: [
    { name: 'name', type: 'varchar', length: '96', isPrimary: true, primaryKeyConstraintName: 'pk_marks' },
    { name: 'value', type: 'text' },
    { name: 'changedAt', type: 'bigint' },
  ],
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** What the drive knows of itself: maintenance, pardons, the last check and backup. */
export class Marks1796000140000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(MARKS.clone());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('marks');
  }
}
