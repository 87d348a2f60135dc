import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which uploads another server waits for. */
export class WantedUploads1796000161000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE uploads ADD COLUMN wanted integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE uploads DROP COLUMN wanted');
  }
}
