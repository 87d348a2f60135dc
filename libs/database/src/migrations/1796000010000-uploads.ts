import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const reference = (name: string, columnName: string, table: string) => ({
  name,
  columnNames: [columnName],
  referencedTableName: table,
  referencedColumnNames: ['id'],
  onDelete: 'CASCADE',
  onUpdate: 'NO ACTION',
});

const UPLOADS = new Table({
  name: 'uploads',
  columns: [
    { name: 'id', type: 'varchar', length: '32', isPrimary: true, primaryKeyConstraintName: 'pk_uploads' },
    { name: 'ownerId', type: 'integer' },
    { name: 'fileId', type: 'integer', isNullable: true },
    { name: 'length', type: 'bigint' },
    { name: 'received', type: 'bigint' },
    { name: 'reserved', type: 'bigint', isNullable: true },
    { name: 'metadata', type: 'text' },
    { name: 'expiresAt', type: 'bigint' },
  ],
  foreignKeys: [reference('fk_uploads_owner', 'ownerId', 'users'), reference('fk_uploads_file', 'fileId', 'files')],
  indices: [
    { name: 'ix_uploads_owner_reserved', columnNames: ['ownerId', 'reserved'] },
    { name: 'uq_uploads_file', columnNames: ['fileId'], isUnique: true },
    { name: 'ix_uploads_expiry', columnNames: ['expiresAt'] },
  ],
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** Uploads that outlive their requests. */
export class Uploads1796000010000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(UPLOADS.clone());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('uploads');
  }
}
