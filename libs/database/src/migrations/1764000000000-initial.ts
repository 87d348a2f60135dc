import { type MigrationInterface, type QueryRunner, Table, type TableColumnOptions } from 'typeorm';

const column = (name: string, type: string, options: Partial<TableColumnOptions> = {}) => ({ name, type, ...options });
const text = (name: string, length: number, options: Partial<TableColumnOptions> = {}) =>
  column(name, 'varchar', { length: String(length), ...options });
const serial = (table: string) =>
  column('id', 'integer', {
    isPrimary: true,
    isGenerated: true,
    generationStrategy: 'increment',
    primaryKeyConstraintName: `pk_${table}`,
  });
const uuid = (table: string) => text('id', 36, { isPrimary: true, primaryKeyConstraintName: `pk_${table}` });
const reference = (name: string, columnName: string, table: string, onDelete: string) => ({
  name,
  columnNames: [columnName],
  referencedTableName: table,
  referencedColumnNames: ['id'],
  onDelete,
  onUpdate: 'NO ACTION',
});
const index = (name: string, ...columnNames: string[]) => ({ name, columnNames });
const unique = (name: string, ...columnNames: string[]) => ({ name, columnNames, isUnique: true });

const TABLES = [
  new Table({
    name: 'users',
    columns: [
      serial('users'),
      text('username', 32),
      text('name', 100),
      text('email', 254),
      text('passwordHash', 255),
      text('role', 16),
      column('disabled', 'boolean'),
      column('maxFiles', 'integer'),
      column('maxStorage', 'bigint'),
      column('usedFiles', 'integer'),
      column('usedBytes', 'bigint'),
      column('createdAt', 'bigint'),
    ],
    indices: [unique('uq_users_username', 'username')],
  }),
  new Table({
    name: 'sessions',
    columns: [
      uuid('sessions'),
      column('userId', 'integer'),
      column('createdAt', 'bigint'),
      column('expiresAt', 'bigint'),
      column('lastSeenAt', 'bigint'),
      text('userAgent', 255),
    ],
    foreignKeys: [reference('fk_sessions_user', 'userId', 'users', 'CASCADE')],
    indices: [index('ix_sessions_user', 'userId')],
  }),
  new Table({
    name: 'storages',
    columns: [uuid('storages'), text('kind', 16), column('createdAt', 'bigint')],
  }),
  new Table({
    name: 'files',
    columns: [
      serial('files'),
      column('ownerId', 'integer'),
      text('name', 255),
      text('nameKey', 64),
      column('foldedName', 'text'),
      text('extension', 255),
      text('state', 16),
      text('storageId', 36),
      text('storageKey', 512),
      column('size', 'bigint'),
      text('sha256', 64),
      column('public', 'boolean'),
      column('createdAt', 'bigint'),
      column('updatedAt', 'bigint'),
    ],
    foreignKeys: [reference('fk_files_owner', 'ownerId', 'users', 'NO ACTION')],
    indices: [
      unique('uq_files_owner_name', 'ownerId', 'nameKey'),
      unique('uq_files_storage_key', 'storageId', 'storageKey'),
      index('ix_files_owner_created', 'ownerId', 'createdAt', 'id'),
      index('ix_files_owner_size', 'ownerId', 'size', 'id'),
      index('ix_files_owner_text', 'ownerId', 'name', 'id'),
      index('ix_files_state', 'state'),
    ],
  }),
  new Table({
    name: 'accesses',
    columns: [
      serial('accesses'),
      column('fileId', 'integer'),
      text('name', 255),
      text('link', 32),
      column('subnets', 'text'),
      column('ips', 'text'),
      column('expiresAt', 'bigint', { isNullable: true }),
      column('public', 'boolean'),
      column('oneTimeUse', 'boolean'),
      column('enableTTL', 'boolean'),
      column('ttl', 'integer', { isNullable: true }),
      column('uses', 'integer'),
      column('refusals', 'text'),
      column('lastUsedAt', 'bigint', { isNullable: true }),
      column('createdAt', 'bigint'),
    ],
    foreignKeys: [reference('fk_accesses_file', 'fileId', 'files', 'CASCADE')],
    indices: [index('ix_accesses_file', 'fileId'), unique('uq_accesses_link', 'link')],
  }),
  new Table({
    name: 'blobRemovals',
    columns: [
      serial('blob_removals'),
      column('ownerId', 'integer'),
      text('nameKey', 64),
      text('storageId', 36),
      text('storageKey', 512),
      column('attempts', 'integer'),
      column('nextAttemptAt', 'bigint'),
      text('lastError', 255, { isNullable: true }),
      column('createdAt', 'bigint'),
    ],
    indices: [
      unique('uq_blob_removals_storage_key', 'storageId', 'storageKey'),
      index('ix_blob_removals_owner_name', 'ownerId', 'nameKey'),
      index('ix_blob_removals_next', 'nextAttemptAt'),
    ],
  }),
];

/**
 * MariaDB and MySQL, whatever the server's defaults are: names, keys and links are compared byte by byte. TypeORM puts
 * this behind `ENGINE=`; SQLite knows no engines and passes it over.
 */
const MYSQL_TABLE = 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

/** The first schema. Never edited: what changes later is a migration of its own. */
export class Initial1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) {
      const created = table.clone();
      created.engine = MYSQL_TABLE;
      await runner.createTable(created);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES.toReversed()) await runner.dropTable(table.name);
  }
}
