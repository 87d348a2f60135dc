import { type MigrationInterface, type QueryRunner, Table, TableIndex, type TableIndexOptions } from 'typeorm';

const INDEXES: [table: string, index: TableIndexOptions][] = [
  ['sessions', { name: 'uq_sessions_secret', columnNames: ['secretHash'], isUnique: true }],
  ['users', { name: 'ix_users_removal', columnNames: ['removedAt'] }],
  ['users', { name: 'ix_users_role', columnNames: ['role'] }],
];

const COLUMNS = [
  ['sessions', 'secretHash', 'varchar(64) NULL'],
  ['users', 'removedAt', 'bigint NULL'],
] as const;

const API_TOKENS = new Table({
  name: 'apiTokens',
  columns: [
    {
      name: 'id',
      type: 'integer',
      isPrimary: true,
      isGenerated: true,
      generationStrategy: 'increment',
      primaryKeyConstraintName: 'pk_api_tokens',
    },
    { name: 'userId', type: 'integer' },
    { name: 'name', type: 'varchar', length: '100' },
    { name: 'secretHash', type: 'varchar', length: '64' },
    { name: 'scopes', type: 'varchar', length: '255' },
    { name: 'createdAt', type: 'bigint' },
    { name: 'expiresAt', type: 'bigint', isNullable: true },
    { name: 'lastUsedAt', type: 'bigint', isNullable: true },
  ],
  foreignKeys: [
    {
      name: 'fk_api_tokens_user',
      columnNames: ['userId'],
      referencedTableName: 'users',
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE',
      onUpdate: 'NO ACTION',
    },
  ],
  indices: [
    { name: 'ix_api_tokens_user', columnNames: ['userId'] },
    { name: 'uq_api_tokens_secret', columnNames: ['secretHash'], isUnique: true },
  ],
  // MariaDB and MySQL: as in the first schema.
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** Sessions of browsers, API tokens, and accounts that are being removed. */
export class Accounts1796000040000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, name, type] of COLUMNS) await runner.query(`ALTER TABLE ${table} ADD COLUMN ${name} ${type}`);
    for (const [table, index] of INDEXES) await runner.createIndex(table, new TableIndex(index));
    await runner.createTable(API_TOKENS.clone());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('apiTokens');
    for (const [table, { name }] of INDEXES) await runner.dropIndex(table, name!);
    for (const [table, name] of COLUMNS) await runner.query(`ALTER TABLE ${table} DROP COLUMN ${name}`);
  }
}
