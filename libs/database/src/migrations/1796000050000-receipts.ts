import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';

const column = (name: string, type: string, options: Partial<TableColumnOptions> = {}) => ({ name, type, ...options });
const text = (name: string, length: number, options: Partial<TableColumnOptions> = {}) =>
  column(name, 'varchar', { length: String(length), ...options });
const key = (table: string) => ({ isPrimary: true, primaryKeyConstraintName: `pk_${table}` });
const ofUser = (name: string) => ({
  name,
  columnNames: ['ownerId'],
  referencedTableName: 'users',
  referencedColumnNames: ['id'],
  onDelete: 'CASCADE',
  onUpdate: 'NO ACTION',
});

const TABLES = [
  new Table({
    name: 'receipts',
    columns: [
      column('fileId', 'integer', key('receipts')),
      column('ownerId', 'integer'),
      column('sequence', 'integer'),
      text('chain', 32),
      column('size', 'bigint'),
      text('sha256', 64),
      column('accesses', 'integer'),
      column('downloadsEnded', 'integer'),
      column('deletedAt', 'bigint'),
      column('bytesGoneAt', 'bigint', { isNullable: true }),
      text('previousHash', 64, { isNullable: true }),
      text('hash', 64),
    ],
    foreignKeys: [ofUser('fk_receipts_owner')],
    indices: [{ name: 'uq_receipts_owner_sequence', columnNames: ['ownerId', 'sequence'], isUnique: true }],
  }),
  new Table({
    name: 'receiptKeys',
    columns: [text('keyId', 43, key('receipt_keys')), text('publicKey', 43), column('createdAt', 'bigint')],
  }),
  new Table({
    name: 'requestKeys',
    columns: [
      column('ownerId', 'integer', key('request_keys')),
      text('requestKey', 255, key('request_keys')),
      text('fingerprint', 64),
      column('answer', 'text'),
      column('createdAt', 'bigint'),
    ],
    foreignKeys: [ofUser('fk_request_keys_owner')],
    indices: [{ name: 'ix_request_keys_created', columnNames: ['createdAt'] }],
  }),
];

const COLUMNS = [
  ['users', 'receiptChain', 'varchar(32) NULL'],
  ['users', 'receiptSequence', 'integer NOT NULL DEFAULT 0'],
  ['users', 'receiptHash', 'varchar(64) NULL'],
  ['blobRemovals', 'fileId', 'integer NULL'],
] as const;

/** MariaDB and MySQL: as in the first schema. */
const MYSQL_TABLE = 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

/** Receipts of deletes, the keys that sign them, and the keys by which a request is known again. */
export class Receipts1796000050000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      const created = table.clone();
      created.engine = MYSQL_TABLE;
      await runner.createTable(created);
    }
    for (const [table, name, type] of COLUMNS) await runner.query(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, name] of COLUMNS.toReversed()) await runner.query(`ALTER TABLE ${table} DROP COLUMN ${name}`);
    for (const table of TABLES.toReversed()) await runner.dropTable(table.name);
  }
}
