import { type MigrationInterface, type QueryRunner, Table } from 'typeorm';

const SERVERS = new Table({
  name: 'servers',
  columns: [
    { name: 'id', type: 'varchar', length: '36', isPrimary: true, primaryKeyConstraintName: 'pk_servers' },
    { name: 'name', type: 'varchar', length: '255' },
    { name: 'place', type: 'varchar', length: '1024' },
    { name: 'kind', type: 'varchar', length: '16' },
    { name: 'version', type: 'varchar', length: '64' },
    { name: 'secrets', type: 'varchar', length: '64' },
    { name: 'startedAt', type: 'bigint' },
    { name: 'heartbeatAt', type: 'bigint' },
    { name: 'expiresAt', type: 'bigint' },
  ],
  engine: 'InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
});

/** Leases of servers, and who writes a file that is pending. */
export class Servers1796000160000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createTable(SERVERS.clone());
    await runner.query("ALTER TABLE files ADD COLUMN serverId varchar(36) NOT NULL DEFAULT ''");
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE files DROP COLUMN serverId');
    await runner.dropTable('servers');
  }
}
