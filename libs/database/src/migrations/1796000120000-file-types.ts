import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const FILE_TYPES = new Table({
  name: 'fileTypes',
  columns: [
    { name: 'ownerId', type: 'integer', isPrimary: true, primaryKeyConstraintName: 'pk_file_types' },
    {
      name: 'extension',
      type: 'varchar',
      length: '255',
      isPrimary: true,
      primaryKeyConstraintName: 'pk_file_types',
    },
    { name: 'files', type: 'integer' },
    { name: 'bytes', type: 'bigint' },
  ],
  foreignKeys: [
    {
      name: 'fk_file_types_owner',
      columnNames: ['ownerId'],
      referencedTableName: 'users',
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE',
      onUpdate: 'NO ACTION',
    },
  ],
  // SQLite: the rows lie in their key, so that one more file changes one page.
  withoutRowid: true,
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** Files are counted by their extension as they come and go. */
export class FileTypes1796000120000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(FILE_TYPES.clone());
    await runner.query(
      `INSERT INTO fileTypes (ownerId, extension, files, bytes)
       SELECT ownerId, extension, COUNT(*), SUM(size) FROM files WHERE state = 'live' GROUP BY ownerId, extension`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('fileTypes');
  }
}
