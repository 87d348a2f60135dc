import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const BY_OWNER = new TableIndex({ name: 'ix_accesses_owner', columnNames: ['ownerId'] });
const DUE = new TableIndex({ name: 'ix_blob_removals_due', columnNames: ['attempts', 'nextAttemptAt'] });
const NEXT = new TableIndex({ name: 'ix_blob_removals_next', columnNames: ['nextAttemptAt'] });

/**
 * An access says whose it is: so an owner's accesses are counted, and read a page at a time, from an index of their own
 * instead of through all of the owner's files. A file never changes its owner.
 *
 * Removals are taken in the order of their failed attempts.
 */
export class Bounds1796000030000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE accesses ADD COLUMN ownerId integer NOT NULL DEFAULT 0');
    await runner.query(
      'UPDATE accesses SET ownerId = COALESCE((SELECT f.ownerId FROM files f WHERE f.id = accesses.fileId), 0)',
    );
    await runner.createIndex('accesses', BY_OWNER);
    await runner.createIndex('blobRemovals', DUE);
    await runner.dropIndex('blobRemovals', NEXT);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.createIndex('blobRemovals', NEXT);
    await runner.dropIndex('blobRemovals', DUE);
    await runner.dropIndex('accesses', BY_OWNER);
    await runner.query('ALTER TABLE accesses DROP COLUMN ownerId');
  }
}
