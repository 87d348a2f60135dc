import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const IDENTITIES = new Table({
  name: 'identities',
  columns: [
    {
      name: 'id',
      type: 'integer',
      isPrimary: true,
      isGenerated: true,
      generationStrategy: 'increment',
      primaryKeyConstraintName: 'pk_identities',
    },
    { name: 'userId', type: 'integer' },
    { name: 'issuer', type: 'varchar', length: '255' },
    { name: 'subject', type: 'varchar', length: '255' },
    { name: 'createdAt', type: 'bigint' },
  ],
  foreignKeys: [
    {
      name: 'fk_identities_user',
      columnNames: ['userId'],
      referencedTableName: 'users',
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE',
      onUpdate: 'NO ACTION',
    },
  ],
  indices: [
    { name: 'ix_identities_user', columnNames: ['userId'] },
    { name: 'uq_identities_subject', columnNames: ['issuer', 'subject'], isUnique: true },
  ],
  // MariaDB and MySQL: as in the first schema.
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** Who somebody is at an identity provider, and when a session's user last proved it there. */
export class AddIdentities1796000110000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE sessions ADD COLUMN provedAt bigint NULL');
    await runner.createTable(IDENTITIES.clone());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('identities');
    await runner.query('ALTER TABLE sessions DROP COLUMN provedAt');
  }
}
