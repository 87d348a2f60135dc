import { ConfigError } from '@app/config';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';

const OLDEST = { MariaDB: [10, 6], MySQL: [8, 0] } as const;

/**
 * Looks at a server before it is entrusted with anything.
 * @throws ConfigError when it cannot keep DefDrive's promises; a setting that only weakens them is logged
 */
export async function checkMysqlServer(dataSource: DataSource): Promise<void> {
  const [{ version }] = await dataSource.query('SELECT VERSION() AS version');
  const problem = versionProblem(version) ?? (await engineProblem(dataSource)) ?? (await settingProblem(dataSource));
  if (problem) throw new ConfigError('DATABASE_URL', `leads to a server that ${problem}`);
}

/** What is wrong with a server's version, if anything. @param version as `VERSION()` gives it, e.g. 10.11.19-MariaDB-0+deb12u1 */
export function versionProblem(version: string): string | undefined {
  const product = /mariadb/i.test(version) ? 'MariaDB' : 'MySQL';
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const [oldestMajor, oldestMinor] = OLDEST[product];
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `runs ${product} ${major}.${minor}: at least ${oldestMajor}.${oldestMinor} is needed`;
}

async function engineProblem(dataSource: DataSource): Promise<string | undefined> {
  const rows = await dataSource.query(
    "SELECT 1 FROM information_schema.ENGINES WHERE ENGINE = 'InnoDB' AND SUPPORT IN ('YES', 'DEFAULT')",
  );
  return rows.length > 0 ? undefined : 'has no InnoDB: transactions and row locks are needed';
}

async function settingProblem(dataSource: DataSource): Promise<string | undefined> {
  const rows: { Variable_name: string; Value: string }[] = await dataSource.query(
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('sql_mode', 'innodb_flush_log_at_trx_commit', 'log_bin', 'binlog_format')",
  );
  const settings = new Map(rows.map((row) => [row.Variable_name, row.Value]));
  if (settings.get('innodb_flush_log_at_trx_commit') !== '1') {
    new Logger('Database').warn(
      'innodb_flush_log_at_trx_commit is not 1: the last acknowledged uploads and deletes may be undone by a power cut',
    );
  }
  if (settings.get('log_bin') === 'ON' && settings.get('binlog_format') === 'STATEMENT')
    return 'writes its binary log by statement: binlog_format must be ROW or MIXED';
  if (!/STRICT_(TRANS|ALL)_TABLES/.test(settings.get('sql_mode') ?? ''))
    return 'is not strict: sql_mode must contain STRICT_TRANS_TABLES';
  return undefined;
}
