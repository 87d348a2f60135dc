import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const BY_OWNER = new TableIndex({ name: 'ix_accesses_owner', columnNames: ['ownerId'] });

/**
 * An access says whose it is: so an owner's accesses are counted, and read a page at a time, from an index of their own
 * instead of through all of the owner's files. A file never changes its owner.
 */
export class OwnersOfAccesses1796000030000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE accesses ADD COLUMN ownerId integer NOT NULL DEFAULT 0');
    await runner.query(
      'UPDATE accesses SET ownerId = COALESCE((SELECT f.ownerId FROM files f WHERE f.id = accesses.fileId), 0)',
    );
    await runner.createIndex('accesses', BY_OWNER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropIndex('accesses', BY_OWNER);
    await runner.query('ALTER TABLE accesses DROP COLUMN ownerId');
  }
}
