import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const TICKETS = new Table({
  name: 'tickets',
  columns: [
    { name: 'secretHash', type: 'varchar', length: '64', isPrimary: true, primaryKeyConstraintName: 'pk_tickets' },
    { name: 'accessId', type: 'integer' },
    { name: 'expiresAt', type: 'bigint' },
  ],
  foreignKeys: [
    {
      name: 'fk_tickets_access',
      columnNames: ['accessId'],
      referencedTableName: 'accesses',
      referencedColumnNames: ['id'],
      onDelete: 'CASCADE',
      onUpdate: 'NO ACTION',
    },
  ],
  indices: [
    { name: 'ix_tickets_access', columnNames: ['accessId'] },
    { name: 'ix_tickets_expiry', columnNames: ['expiresAt'] },
  ],
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** Links that ask for a password, and uses that last for many requests. */
export class Tickets1796000060000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE accesses ADD COLUMN passwordHash varchar(255)');
    await runner.createTable(TICKETS.clone());
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('tickets');
    await runner.query('ALTER TABLE accesses DROP COLUMN passwordHash');
  }
}
