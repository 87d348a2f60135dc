import { type MigrationInterface, type QueryRunner, TableIndex } from 'typeorm';

const BY_USER = new TableIndex({ name: 'ix_sessions_user', columnNames: ['userId'] });
const BY_EXPIRY = new TableIndex({ name: 'ix_sessions_expiry', columnNames: ['userId', 'expiresAt'] });

/**
 * A log-in deletes the user's expired sessions, and had to look at all of them. The new index comes before the old one
 * goes: the foreign key needs one that begins with the user.
 */
export class SessionsByExpiry1795500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.createIndex('sessions', BY_EXPIRY);
    await runner.dropIndex('sessions', BY_USER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.createIndex('sessions', BY_USER);
    await runner.dropIndex('sessions', BY_EXPIRY);
  }
}
