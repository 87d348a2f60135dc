#!/usr/bin/env node
/*
 * Asks the built server what its document says it may be asked, and much that it does not, and fails on an answer that
 * the document does not know: `npm run openapi:fuzz [-- <options of schemathesis>]`, such as `-- --max-examples 200`.
 *
 * By hand, not in the CI: its findings are chance, and it installs schemathesis (of PyPI, at the version below) with
 * Python's venv into a directory that is gone afterwards. SCHEMATHESIS=/path/to/schemathesis uses one that is there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';

const VERSION = '4.32.5';
const MAIN = fileURLToPath(new URL('../dist/apps/api/src/main.js', import.meta.url));
const ADMIN = fileURLToPath(new URL('../dist/apps/admin/src/main.js', import.meta.url));
const HOOKS = fileURLToPath(new URL('openapi-fuzz.py', import.meta.url));
const CHECKS = [
  ...['not_a_server_error', 'status_code_conformance', 'content_type_conformance', 'response_headers_conformance'],
  ...['response_schema_conformance', 'unsupported_method', 'allow_header_conformance'],
];
/** What would end the session with which everything else is asked: each gets an account of its own instead. */
const ENDING = ['/api/user$', '/api/user/password$', '/api/logout$', '/api/user/sessions/', '/api/admin/users/'];
const ALICE = { username: 'alice', password: 'correct horse battery', email: 'alice@example.org', name: 'Alice' };

const directory = mkdtempSync(join(tmpdir(), 'defdrive-fuzz-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const limits = { SIGNUP_LIMIT: '1000000/1h', LOGIN_LIMIT: '1000000/1h', LINK_LIMIT: '1000000/1h' };
const ENV = {
  ...{ PATH: process.env.PATH, PORT: `${port}`, DATA_DIR: join(directory, 'data'), LOG_LEVEL: 'silent' },
  ...limits,
};
const server = spawn(process.execPath, [MAIN], { env: ENV });
try {
  await new Promise((/** @type {(ready?: unknown) => void} */ resolve, reject) => {
    server.stdout.on('data', (text) => String(text).includes('ready') && resolve());
    server.once('exit', () => reject(new Error('The server did not start')));
  });
  const program = process.env.SCHEMATHESIS ?? install();
  const token = await fill();
  const one = ENDING.join('|');
  const well = [
    fuzz(program, { FUZZ_TOKEN: token }, '--exclude-path-regex', one),
    fuzz(program, {}, '--include-path-regex', one),
  ];
  if (!well.every(Boolean)) process.exitCode = 1;
} finally {
  server.kill();
  rmSync(directory, { recursive: true, force: true });
}

function install() {
  const place = join(directory, 'venv');
  for (const [command = '', ...args] of [
    ['python3', '-m', 'venv', place],
    [join(place, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`],
  ]) {
    const { status } = spawnSync(command, args, { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${command} ended with ${status}`);
  }
  return join(place, 'bin/schemathesis');
}

/** @returns whether every answer was one that is declared */
function fuzz(program, more, ...options) {
  const args = ['run', `${url}/docs/json`, '--checks', CHECKS.join(','), '--continue-on-failure', '--no-color'];
  const env = { ...process.env, SCHEMATHESIS_HOOKS: HOOKS, FUZZ_URL: url, ...more };
  const all = [...args, ...options, ...process.argv.slice(2)];
  return spawnSync(program, all, { cwd: directory, env, stdio: 'inherit' }).status === 0;
}

/** An admin with two files and a link. @returns her token */
async function fill() {
  await send('/api/signup', ALICE);
  const promoted = spawnSync(process.execPath, [ADMIN, 'users', 'set-role', ALICE.username, 'admin'], { env: ENV });
  if (promoted.status !== 0) throw new Error(String(promoted.stderr));
  const { token } = await send('/api/login', { username: ALICE.username, password: ALICE.password });
  for (const name of ['a.txt', 'b.png']) {
    const form = new FormData();
    form.append('file', new Blob(['hello']), name);
    await fetch(`${url}/api/upload`, { method: 'POST', body: form, headers: { authorization: `Bearer ${token}` } });
  }
  await send('/api/files/1/accesses', { public: true }, token);
  return token;
}

async function send(path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response.json();
}
