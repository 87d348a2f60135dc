// Makes docs/screens/*.png: the page as it looks, on a drive of its own with a few files. `npm run screens` after a
// change of a screen; needs Chromium (CHROMIUM=/path, if it is not Debian's).
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { freePort } from './free-port.mjs';

const PLACE = fileURLToPath(new URL('../docs/screens/', import.meta.url));
const MAIN = fileURLToPath(new URL('../dist/server/main.js', import.meta.url));
const PASSWORD = 'correct horse battery';
const NAMES = [
  'Contract 2026.pdf',
  'Budget.xlsx',
  'Interview.mp3',
  'Notes.md',
  'Garden.mp4',
  'Backup.zip',
  '写真.png',
  'رسالة.txt',
];

const directory = mkdtempSync(join(tmpdir(), 'defdrive-screens-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const server = spawn(process.execPath, [MAIN], {
  env: { PATH: process.env.PATH, PORT: String(port), DATA_DIR: join(directory, 'data'), LOG_LEVEL: 'silent' },
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
try {
  await new Promise((/** @type {(ready?: unknown) => void} */ resolve, reject) => {
    server.stdout.on('data', (text) => String(text).includes('ready') && resolve());
    server.once('exit', () => reject(new Error('The server did not start: run `npm run build` first')));
  });
  mkdirSync(PLACE, { recursive: true });
  const token = await fill();
  await picture('files', token, {});
  await picture('files-dark', token, { colorScheme: 'dark' });
  await picture('files-phone', token, { viewport: { width: 390, height: 780 } });
  await picture('files-arabic', token, { locale: 'ar-EG' });
  await picture('file', token, {}, (page) => page.goto(`${url}/files/1`));
  await picture('share', token, {}, share);
  await picture('delete', token, {}, remove);
  await picture('links', token, { colorScheme: 'dark' }, (page) => page.goto(`${url}/links`));
  await picture('link-phone', undefined, { viewport: { width: 390, height: 780 } }, async (page) =>
    page.goto(await link(token)),
  );
} finally {
  await browser.close();
  server.kill();
  rmSync(directory, { recursive: true, force: true });
}

/** An account with files, of which two are shared. @returns its token */
async function fill() {
  const account = { username: 'alice', password: PASSWORD, email: 'alice@example.org', name: 'Alice' };
  await send('POST', '/api/signup', account);
  const { token } = await send('POST', '/api/login', { username: account.username, password: PASSWORD });
  const photo = await landscape();
  await upload('Sunrise.png', photo, token);
  for (const [n, name] of NAMES.entries()) await upload(name, Buffer.alloc(20_000 * (n * n + 3), n), token);
  for (const id of [1, 2]) {
    await send('PUT', `/api/files/${id}/access`, { public: true }, token);
    const expires = new Date(Date.now() + 7 * 86_400_000).toISOString();
    await send(
      'POST',
      `/api/files/${id}/accesses`,
      { public: true, name: 'For Bob', expires, enableTTL: true, ttl: 3 },
      token,
    );
  }
  return token;
}

async function link(token) {
  return (await send('GET', '/api/files/1/accesses', undefined, token)).accesses[0].link;
}

/** A picture that nobody else has rights to. */
async function landscape() {
  const page = await browser.newPage({ viewport: { width: 900, height: 520 } });
  await page.setContent(`<body style="margin:0"><svg viewBox="0 0 900 520" width="900" height="520">
    <defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="#274690"/><stop offset=".6" stop-color="#f3a683"/><stop offset="1" stop-color="#f7d794"/></linearGradient></defs>
    <rect width="900" height="520" fill="url(#s)"/><circle cx="560" cy="300" r="62" fill="#fff3c4"/>
    <path d="M0 380 180 250 330 360 480 230 640 370 760 300 900 390V520H0z" fill="#3b3b6d"/>
    <path d="M0 440 220 350 420 440 620 360 900 450V520H0z" fill="#26264a"/></svg>`);
  const bytes = await page.screenshot();
  await page.close();
  return bytes;
}

async function picture(name, token, options, prepare = (page) => page.locator('[role=row] a').first().waitFor()) {
  const context = await browser.newContext({ viewport: { width: 1100, height: 700 }, locale: 'en-US', ...options });
  const page = await context.newPage();
  await page.goto(`${url}/`);
  if (token) {
    await page.evaluate(logIn, JSON.stringify({ username: 'alice', password: PASSWORD }));
    await page.goto(`${url}/`);
  }
  await prepare(page);
  await page.evaluate(() => document.fonts.ready);
  // What is fetched after the first look is there when nothing says any more that it is awaited.
  await page.locator('.busy').first().waitFor({ state: 'detached' });
  await page.waitForTimeout(500);
  await page.screenshot({ path: join(PLACE, `${name}.png`), animations: 'disabled' });
  await context.close();
}

function logIn(body) {
  return fetch('/api/session', { method: 'POST', body, headers: { 'content-type': 'application/json' } });
}

async function share(page) {
  await page.getByRole('button', { name: 'Share Notes.md' }).click();
  await page.getByLabel('Uses').fill('3');
  await page.getByText('It works 3 times.').waitFor();
}

async function remove(page) {
  for (const name of ['Contract 2026.pdf', 'Budget.xlsx']) await page.getByLabel(`Select ${name}`).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByRole('button', { name: /^Delete 2 files and 1 link/ }).waitFor();
}

async function send(method, path, body, token) {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) };
  const response = await fetch(url + path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return response.json();
}

async function upload(name, bytes, token) {
  const form = new FormData();
  form.append('file', new Blob([bytes]), name);
  const response = await fetch(`${url}/api/upload`, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${token}` },
  });
  if (!response.ok) throw new Error(`${name}: ${await response.text()}`);
}
