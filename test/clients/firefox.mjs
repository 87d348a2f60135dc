#!/usr/bin/env node
/*
 * Firefox on a slow line, by hand: does it read why an upload was refused? It is not part of the tests, since Firefox weighs
 * 300 MB and this takes two minutes.
 *
 *   apt-get install firefox-esr && npm run build && node test/clients/firefox.mjs
 *
 * A page posts 16 MiB to the built server over a line of 1 MiB/s, as a form and with a bearer token, and tells this program what it
 * read of each refusal. Exits 1 where that was not the server's own answer. All of it is on 127.0.0.1.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';

const FIREFOX = process.env.FIREFOX ?? 'firefox-esr';
const MAIN = join(import.meta.dirname, '../../dist/server/main.js');
const MIB = 1024 * 1024;
const BODY = 16 * MIB;
const LINE = MIB;
/** Nothing of the browser's own business: no first page, no updates, no reports. */
const PREFERENCES = {
  'browser.aboutwelcome.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'app.update.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'toolkit.telemetry.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'data:,',
  'extensions.getAddons.cache.enabled': false,
};
const directory = mkdtempSync(join(tmpdir(), 'firefox-'));
const children = [];

async function listen(server, port = 0) {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server.address().port;
}

/** A line that takes LINE bytes a second towards the server, and anything back. */
function slowLine(target) {
  return createServer((client) => {
    const server = connect(target, '127.0.0.1');
    const end = () => [client, server].forEach((socket) => socket.destroy());
    server.on('data', (data) => client.write(data)).on('end', () => client.end());
    client.on('data', (data) => {
      server.write(data);
      client.pause();
      setTimeout(() => client.resume(), (data.length / LINE) * 1000);
    });
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
  });
}

async function startDrive(origin, settings) {
  const probe = createServer();
  const port = await listen(probe);
  probe.close();
  const DATA_DIR = join(directory, `data-${port}`);
  const { PATH } = process.env;
  const env = { PATH, HOST: '127.0.0.1', PORT: String(port), DATA_DIR, CORS_ORIGINS: origin, ...settings };
  children.push(spawn(process.execPath, [MAIN], { env, stdio: 'ignore' }));
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/api/health`).catch(() => undefined))?.ok)
    await new Promise((next) => setTimeout(next, 50));
  const account = { username: 'fox', password: 'correct horse battery' };
  const post = (path, body) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  await post('/api/signup', { ...account, email: 'fox@example.org', name: 'Fox' });
  const { token } = await (await post('/api/login', account)).json();
  return { port, token };
}

/** In the page. */
async function visit(tries, size) {
  for (const { what, url, token, chunk } of tries) {
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(size)]), `${what}.bin`);
    const began = performance.now();
    const headers = token ? { authorization: `Bearer ${token}` } : {};
    const read = await fetch(url, { method: 'POST', headers, body: chunk ? new Uint8Array(size) : form })
      .then(async (answer) => `${answer.status} ${(await answer.json()).error}`)
      .catch((error) => String(error));
    await fetch('/', {
      method: 'POST',
      body: JSON.stringify({ what, read, ms: Math.round(performance.now() - began) }),
    });
  }
  await fetch('/', { method: 'POST', body: JSON.stringify({ end: true }) });
}

let tries = [];
let tell;
const told = new Promise((resolve) => (tell = resolve));
const results = [];
const pages = createHttpServer(async (request, response) => {
  if (request.method === 'POST') {
    const said = await json(request);
    if (said.end) tell();
    else results.push(said);
    return response.end();
  }
  const script = `(${visit})(${JSON.stringify(tries)}, ${BODY})`;
  response
    .setHeader('content-type', 'text/html')
    .end(`<!doctype html><title>Uploads</title><script>${script}</script>`);
});

try {
  const origin = `http://127.0.0.1:${await listen(pages)}`;
  const small = await startDrive(origin, { MAX_FILE_SIZE: String(MIB) });
  const full = await startDrive(origin, { DEFAULT_MAX_STORAGE: String(MIB) });
  const lines = { small: await listen(slowLine(small.port)), full: await listen(slowLine(full.port)) };
  const upload = (port, path = '/api/upload') => `http://127.0.0.1:${port}${path}`;
  tries = [
    { what: 'nobody', url: upload(lines.small), expected: '401 User not authenticated' },
    { what: 'too large', url: upload(lines.small), token: small.token, expected: '413 File too large' },
    { what: 'no room', url: upload(lines.full), token: full.token, expected: '403 Storage limit exceeded' },
    { what: 'no form', url: upload(lines.small), token: small.token, chunk: true, expected: '400 No file provided' },
  ];
  const preferences = Object.entries(PREFERENCES).map(
    ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`,
  );
  const profile = mkdtempSync(join(directory, 'profile-'));
  writeFileSync(join(profile, 'user.js'), preferences.join('\n'));
  const version = execFileSync(FIREFOX, ['--version'], { encoding: 'utf8' }).trim();
  const began = Date.now();
  const env = { ...process.env, HOME: directory, MOZ_HEADLESS: '1' };
  children.push(spawn(FIREFOX, ['--headless', '--no-remote', '--profile', profile, origin], { env, stdio: 'ignore' }));
  await told;
  console.log(`${version}, ${Math.round((Date.now() - began) / 1000)} s in all`);
  for (const { what, read, ms } of results) {
    const right = tries.some((one) => one.what === what && one.expected === read);
    if (!right) process.exitCode = 1;
    console.log(`${right ? 'ok  ' : 'FAIL'} ${what}: ${read} after ${ms} ms`);
  }
} finally {
  for (const child of children) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  pages.close();
  rmSync(directory, { recursive: true, force: true });
  process.exit();
}
