// Uploads and downloads one big file and shows what that costs the server's memory (Linux).
// Usage: npm run build && node bench/memory.mjs [GiB=2]
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const size = Number(process.argv[2] ?? 2) * 1024 * MIB;
const directory = mkdtempSync(join(tmpdir(), 'defdrive-bench-'));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const server = spawn(process.execPath, [new URL('../dist/apps/api/src/main.js', import.meta.url).pathname], {
  env: {
    ...process.env,
    PORT: String(port),
    DATA_DIR: join(directory, 'data'),
    LOG_LEVEL: 'warn',
    DEFAULT_MAX_STORAGE: String(64 * 1024 * MIB),
  },
  stdio: ['ignore', 'pipe', 'inherit'],
});

try {
  await new Promise((resolve) => server.stdout.on('data', (text) => String(text).includes('Swagger') && resolve()));
  const token = await logIn();
  for (let n = 0; n < 8; n += 1) await transfer(token, `warm ${n}`, 64 * MIB);
  const warm = peak();
  // From here on the kernel counts the peak anew.
  writeFileSync(`/proc/${server.pid}/clear_refs`, '5');
  const seconds = await transfer(token, 'big', size);
  const most = peak();
  console.log(`file            ${size / MIB} MiB, sha-256 equal`);
  console.log(`upload          ${Math.round(size / MIB / seconds.up)} MiB/s`);
  console.log(`download        ${Math.round(size / MIB / seconds.down)} MiB/s`);
  console.log(`warm level      ${warm} MiB`);
  console.log(`peak            ${most} MiB`);
  console.log(`above warm      ${most - warm} MiB`);
} finally {
  server.kill();
  rmSync(directory, { recursive: true, force: true });
}

/** The most memory that the server has had since the count began, in MiB. */
function peak() {
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'));
  return Math.round(Number(kib) / 1024);
}

async function logIn() {
  const headers = { 'content-type': 'application/json' };
  const account = { username: 'bench', password: 'bench bench', email: 'bench@example.org', name: 'bench' };
  await fetch(`${url}/api/signup`, { method: 'POST', headers, body: JSON.stringify(account) });
  const { username, password } = account;
  const answer = await fetch(`${url}/api/login`, { method: 'POST', headers, body: JSON.stringify({ username, password }) });
  return (await answer.json()).token;
}

/** Uploads so many bytes, downloads them and compares the hashes. */
async function transfer(token, name, bytes) {
  const began = performance.now();
  const { file, sha256 } = await upload(token, name, bytes);
  const between = performance.now();
  const hash = createHash('sha256');
  const answer = await fetch(`${url}/api/files/${file.id}/content`, { headers: { authorization: `Bearer ${token}` } });
  for await (const chunk of answer.body) hash.update(chunk);
  const ended = performance.now();
  if (file.sha256 !== sha256 || hash.digest('hex') !== sha256) throw new Error('The bytes are not the same');
  return { up: (between - began) / 1000, down: (ended - between) / 1000 };
}

function upload(token, name, bytes) {
  const head = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
  const tail = '\r\n--b--\r\n';
  const chunk = Buffer.alloc(MIB, name);
  const hash = createHash('sha256');
  return new Promise((resolve, reject) => {
    const message = request(`${url}/api/upload`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'multipart/form-data; boundary=b',
        'content-length': head.length + bytes + tail.length,
      },
    });
    message.on('error', reject).on('response', async (answer) => {
      const body = JSON.parse(Buffer.concat(await answer.toArray()).toString());
      if (answer.statusCode === 200) resolve({ file: body.file, sha256: hash.digest('hex') });
      else reject(new Error(body.error));
    });
    message.write(head);
    let left = bytes;
    const send = () => {
      for (let more = true; left > 0 && more; left -= MIB) {
        hash.update(chunk);
        more = message.write(chunk);
      }
      if (left > 0) message.once('drain', send);
      else message.end(tail);
    };
    send();
  });
}

function freePort() {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
