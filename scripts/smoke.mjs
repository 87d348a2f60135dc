// Whether the built drive works on the Node that runs this: starts it, signs up, uploads, downloads, shares, deletes, checks,
// and ends it. `.ci/run` does it on every version that README names: npx -p node@24 node scripts/smoke.mjs
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from './free-port.mjs';

const SERVER = fileURLToPath(new URL('../dist/server/main.js', import.meta.url));
const ADMIN = fileURLToPath(new URL('../dist/apps/admin/src/main.js', import.meta.url));
const directory = mkdtempSync(join(tmpdir(), 'defdrive-smoke-'));
const port = await freePort();
const env = { PATH: process.env.PATH, DATA_DIR: join(directory, 'data'), PORT: String(port), METRICS: '127.0.0.1' };
const url = `http://127.0.0.1:${port}`;

/** @param {string} method @param {string} path @param {{ token?: string, json?: object, body?: BodyInit }} options */
async function ask(method, path, { token, json, body } = {}) {
  const headers = new Headers(token ? { authorization: `Bearer ${token}` } : {});
  if (json) headers.set('content-type', 'application/json');
  const request = { method, headers, body: json ? JSON.stringify(json) : body };
  const answer = await fetch(new URL(path, url), request);
  assert.equal(answer.status, 200, `${method} ${path}: ${answer.status}`);
  return answer;
}

function command(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ADMIN, ...args], { env, encoding: 'utf8' });
  assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

async function use() {
  const person = { username: 'alice', password: 'correct horse battery' };
  await ask('POST', '/api/signup', { json: { ...person, email: 'alice@example.org', name: 'Alice' } });
  const { token } = await (await ask('POST', '/api/login', { json: person })).json();
  const bytes = randomBytes(3_000_000);
  const form = new FormData();
  form.set('file', new Blob([bytes]), 'smoke.bin');
  const { file } = await (await ask('POST', '/api/upload', { token, body: form })).json();
  const content = await ask('GET', `/api/files/${file.id}/content`, { token });
  assert.ok(bytes.equals(Buffer.from(await content.arrayBuffer())), 'The bytes are not the same');
  await ask('PUT', `/api/files/${file.id}/access`, { token, json: { public: true } });
  const { link } = await (
    await ask('POST', `/api/files/${file.id}/accesses`, { token, json: { public: true } })
  ).json();
  await (await ask('GET', link)).arrayBuffer();
  assert.match(command('users', 'list'), /alice/);
  await ask('DELETE', `/api/files/${file.id}`, { token });
  for (const path of ['/', '/docs', '/docs/json', '/api/metrics', '/api/health/ready'])
    await (await ask('GET', path)).text();
  command('storage', 'check', '--deep');
}

const server = spawn(process.execPath, [SERVER], { env, stdio: ['ignore', 'pipe', 'inherit'] });
const ended = once(server, 'exit');
try {
  let said = '';
  for await (const text of server.stdout.iterator({ destroyOnReturn: false }))
    if ((said += text).includes('ready at')) break;
  assert.ok(said.includes('ready at'), said);
  server.stdout.resume();
  await use();
  server.kill('SIGTERM');
  // In order, as whoever sent the signal wants to know.
  assert.deepEqual(await ended, [null, 'SIGTERM']);
  process.stdout.write(`Node ${process.version}: all is well\n`);
} finally {
  server.kill('SIGKILL');
  await ended;
  rmSync(directory, { recursive: true, force: true });
}
