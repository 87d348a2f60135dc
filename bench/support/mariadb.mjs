// A private MariaDB, durable as an admin would run it, with room in memory for a million files.
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { commandPath } from './engines.mjs';
import { freePort, Program } from './program.mjs';

const PASSWORD = 'bench';

/** @returns `createDatabase(name)`, which gives its URL, `pid` and `stop()` */
export async function startMariaDb(parent) {
  const directory = mkdtempSync(join(parent, 'mariadb-'));
  const common = [`--user=${userInfo().username}`, `--datadir=${join(directory, 'data')}`, '--skip-name-resolve'];
  install(common);
  const port = await freePort();
  const socketPath = join(directory, 'socket');
  const program = new Program(commandPath('mariadbd'), serverOptions(common, directory, port, socketPath), {
    log: join(directory, 'log'),
  });
  const asRoot = async (sql) => {
    const connection = await createConnection({ socketPath, user: 'root' });
    await connection.query(sql).finally(() => connection.end());
  };
  await program.ready(() => asRoot('DO 1'));
  await asRoot(`CREATE USER drive@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`);
  await asRoot(`GRANT ALL ON *.* TO drive@'127.0.0.1'`);
  return {
    pid: program.pid,
    async createDatabase(name) {
      await asRoot(`CREATE DATABASE ${name}`);
      return `mysql://drive:${PASSWORD}@127.0.0.1:${port}/${name}`;
    },
    stop: () => program.stop(),
  };
}

function install(common) {
  const args = ['--no-defaults', ...common, '--auth-root-authentication-method=normal', '--skip-test-db'];
  const { status, stdout, stderr } = spawnSync(commandPath('mariadb-install-db'), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mariadb-install-db fails:\n${stdout}${stderr}`);
}

function serverOptions(common, directory, port, socket) {
  return [
    '--no-defaults',
    ...common,
    `--socket=${socket}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    `--pid-file=${join(directory, 'pid')}`,
    '--innodb-flush-log-at-trx-commit=1',
    '--innodb-buffer-pool-size=1G',
    '--innodb-log-file-size=256M',
    '--performance-schema=OFF',
  ];
}
