#!/usr/bin/env node
/*
 * The end-to-end tests on every database server that can be had, with one line each for docs/COMPATIBILITY.md:
 *
 *   npm run test:engines                             this machine's own mysqld and mariadbd
 *   ENGINE_ROOTS=/srv/sid npm run test:engines       and those of other systems below these directories (with commas
 *                                                    between), started by chroot, as root: docs/COMPATIBILITY.md says how
 *   SUITE="test/e2e/sharing test/database" …           other tests than test/e2e
 *   ENGINES=11.8 …                                     only the servers whose version says this
 *
 * Each server is a private one on a free port of 127.0.0.1, and is ended and removed afterwards. Exits 1 when one fails.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { freePort } from './free-port.mjs';

const USER = 'drive';
const PASSWORD = 'engines';
const START_MS = 60_000;
const SERVERS = ['mariadbd', 'mysqld'];
const PLACES = ['usr/sbin', 'usr/bin', 'usr/libexec'];
const SUITE = (process.env.SUITE ?? 'test/e2e').split(' ');

/** Every server below a root; a mysqld that is only another name of mariadbd is none of its own. */
function serversIn(root) {
  return SERVERS.map((name) =>
    PLACES.map((place) => join('/', place, name)).find((path) => existsSync(join(root, path))),
  )
    .filter((path) => path !== undefined)
    .map((path) => ({ root, path, version: command(root, path, '--version').stdout.trim() }))
    .filter(({ path, version }) => path.endsWith('mariadbd') || !/mariadb/i.test(version));
}

const within = (root, path, args) => (root === '/' ? [path, ...args] : ['chroot', root, path, ...args]);

function command(root, path, ...args) {
  const [program, ...rest] = within(root, path, args);
  return spawnSync(program, rest, { encoding: 'utf8' });
}

/** Makes the data of a server that has none. */
function install(root, path, common) {
  const made = path.endsWith('mariadbd')
    ? command(root, '/usr/bin/mariadb-install-db', ...common, '--force', '--auth-root-authentication-method=normal')
    : command(root, path, ...common, '--initialize-insecure', '--secure-file-priv=NULL');
  if (made.status !== 0) throw new Error(`${made.stdout}${made.stderr}`);
}

/** A private server; gives its URL and what ends it. */
async function start({ root, path }) {
  const directory = mkdtempSync(join(root, 'tmp', 'engine-'));
  const inside = root === '/' ? directory : directory.slice(root.replace(/\/$/, '').length);
  const port = await freePort();
  const common = ['--no-defaults', `--user=${userInfo().username}`, `--datadir=${inside}/data`];
  install(root, path, common);
  const more = path.endsWith('mariadbd') ? [] : ['--mysqlx=OFF', '--secure-file-priv=NULL'];
  const [program, ...args] = within(root, path, [
    ...[...common, ...more, `--socket=${inside}/socket`, `--pid-file=${inside}/pid`],
    ...[`--port=${port}`, '--bind-address=127.0.0.1', '--innodb-flush-log-at-trx-commit=1'],
  ]);
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(directory, { recursive: true, force: true });
  };
  await makeUser(join(directory, 'socket')).catch((error) => stop().then(() => Promise.reject(error)));
  return { url: `mysql://${USER}:${PASSWORD}@127.0.0.1:${port}/`, stop };
}

async function makeUser(socketPath) {
  for (const deadline = Date.now() + START_MS; ; await delay(100)) {
    try {
      const connection = await createConnection({ socketPath, user: 'root' });
      await connection.query(`CREATE USER ${USER}@'127.0.0.1' IDENTIFIED BY '${PASSWORD}'`);
      await connection.query(`CREATE USER ${USER}@'localhost' IDENTIFIED BY '${PASSWORD}'`);
      for (const host of ['127.0.0.1', 'localhost']) await connection.query(`GRANT ALL ON *.* TO ${USER}@'${host}'`);
      return await connection.end();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}

async function test(url) {
  const environment = { ...process.env, DB: 'mariadb', TEST_DATABASE_SERVER: url };
  const child = spawn('npx', ['vitest', 'run', ...SUITE], { stdio: 'inherit', env: environment });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code === 0)));
}

const roots = ['/', ...(process.env.ENGINE_ROOTS ?? '').split(',').filter((root) => root !== '')];
const found = roots.flatMap(serversIn).filter(({ version }) => version.includes(process.env.ENGINES ?? ''));
if (found.length === 0) console.log('There is no such mariadbd or mysqld on this machine');
const lines = [];
for (const server of found) {
  const { url, stop } = await start(server);
  const passed = await test(url).finally(stop);
  lines.push(`${passed ? 'passed' : 'FAILED'}: ${server.version}`);
  if (!passed) process.exitCode = 1;
}
for (const line of lines) console.log(line);
