// Servers written in Go, as peers: built from pinned modules, where Go is installed.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import aws4 from 'aws4';
import { commandPath } from './engines.mjs';
import { freePort, Program, takesConnections } from './program.mjs';

const TUSD = 'github.com/tus/tusd/v2/cmd/tusd@v2.9.1';
const VERSITYGW = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const KEYS = { accessKeyId: 'bench', secretAccessKey: 'bench-secret' };
const BUCKET = 'bench';

/**
 * The server of tus's own people. It neither hashes nor syncs.
 * @param {string} parent
 * @returns its URL, its process, `clear()` and `stop()`; nothing where its modules cannot be had, which it says
 */
export async function startTusd(parent) {
  const directory = join(parent, 'tusd');
  const uploads = join(directory, 'uploads');
  mkdirSync(uploads, { recursive: true });
  const command = build(directory, TUSD);
  if (!command) return undefined;
  const port = await freePort();
  const args = ['-host', '127.0.0.1', '-port', String(port), '-base-path', '/files/', '-upload-dir', uploads];
  const program = new Program(command, args, { log: join(directory, 'log') });
  await program.ready(() => takesConnections(port));
  const [url, pid] = [`http://127.0.0.1:${port}`, await program.pid];
  return { url, pid, clear: () => empty(uploads), stop: () => program.stop() };
}

/**
 * An S3 server that keeps each object as a file of a disk. It hashes by MD5 and does not sync.
 * @param {string} parent
 * @returns its URL, `path(method, key)`, which is signed and good for a day, `clear()` and `stop()`; nothing where its modules
 * cannot be had, which it says
 */
export async function startVersitygw(parent) {
  const directory = join(parent, 'versitygw');
  const objects = join(directory, 'objects');
  mkdirSync(objects, { recursive: true });
  const command = build(directory, VERSITYGW);
  if (!command) return undefined;
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  // Without --keep-alive it closes each connection, which would be one more of the things that are measured.
  const args = ['--port', address, '--keep-alive', 'posix', objects];
  const env = { ...process.env, ROOT_ACCESS_KEY: KEYS.accessKeyId, ROOT_SECRET_KEY: KEYS.secretAccessKey };
  const program = new Program(command, args, { log: join(directory, 'log'), env });
  await program.ready(() => takesConnections(port));
  const url = `http://${address}`;
  const signed = (method, path) =>
    String(aws4.sign({ service: 's3', method, host: address, path, signQuery: true }, KEYS).path);
  const made = await fetch(url + signed('PUT', `/${BUCKET}`), { method: 'PUT', headers: { connection: 'close' } });
  if (made.status !== 200) throw new Error(`${made.status} for a bucket of versitygw: ${await made.text()}`);
  const path = (method, key) => signed(method, `/${BUCKET}/${key}`);
  return { url, path, clear: () => empty(join(objects, BUCKET)), stop: () => program.stop() };
}

/** The directory itself stays as it is. */
function empty(directory) {
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true });
}

/** Go keeps what it has fetched and compiled. @param {string} module a program at its version @returns its path */
function build(directory, module) {
  const env = { ...process.env, GOBIN: directory };
  const { status, stderr } = spawnSync(commandPath('go'), ['install', module], { env, encoding: 'utf8' });
  if (status === 0) return join(directory, String(module.split('/').at(-1)?.split('@')[0]));
  console.log(`skipped: ${module} cannot be built: ${stderr.trim().split('\n').at(-1)}`);
  return undefined;
}
