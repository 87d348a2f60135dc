import { ConfigError } from '@app/config';
import { openDatabase } from '@app/database';
import { Logger } from '@nestjs/common';
import { expect, it, vi } from 'vitest';
import { describeWith } from '../support/engines.js';
import { MariaDb } from '../support/mariadb.js';

const settingsOf = (databaseUrl: string) => ({ dataDir: '/nonexistent', databaseUrl });

describeWith('mariadb', 'the start on a MariaDB', () => {
  it.each([
    ['is not strict', ['--sql-mode='], 'is not strict: sql_mode must contain STRICT_TRANS_TABLES'],
    ['has no InnoDB', ['--skip-innodb', '--default-storage-engine=Aria'], 'has no InnoDB'],
    [
      'logs by statement',
      ['--log-bin=binlog', '--server-id=1', '--binlog-format=STATEMENT'],
      'binary log by statement',
    ],
  ])('that %s is refused', async (_, options, problem) => {
    const server = await MariaDb.start(...options);
    try {
      const start = openDatabase(settingsOf(await server.createDatabase()));
      await expect(start).rejects.toThrow(problem);
      await expect(start).rejects.toBeInstanceOf(ConfigError);
    } finally {
      await server.stop();
    }
  });

  it('that does not sync at COMMIT is logged', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const server = await MariaDb.start('--innodb-flush-log-at-trx-commit=2');
    try {
      const database = await openDatabase(settingsOf(await server.createDatabase()));
      await database.close();
      expect(warn.mock.calls.flat().join()).toContain('innodb_flush_log_at_trx_commit is not 1');
    } finally {
      warn.mockRestore();
      await server.stop();
    }
  });

  it('that is not there is refused without naming user or password', async () => {
    const start = openDatabase(settingsOf('mysql://me:secret@127.0.0.1:1/db'));
    await expect(start).rejects.toThrow('DATABASE_URL leads to no database that can be used (ECONNREFUSED)');
    const malformed = openDatabase(settingsOf('mysql://me:secret%@127.0.0.1:1/db'));
    await expect(malformed).rejects.toThrow('DATABASE_URL cannot be read');
  });
});
