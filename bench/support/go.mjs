// Servers written in Go, as peers: built from pinned modules, where Go is installed.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { commandPath } from './engines.mjs';
import { freePort, Program } from './program.mjs';

const TUSD = 'github.com/tus/tusd/v2/cmd/tusd@v2.9.1';

/**
 * The server of tus's own people. It neither hashes nor syncs.
 * @param {string} parent
 * @returns its URL, where it keeps uploads, its process and `stop()`; nothing where its modules cannot be had, which it says
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
  await program.ready(async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect').finally(() => socket.destroy());
  });
  return { url: `http://127.0.0.1:${port}`, uploads, pid: await program.pid, stop: () => program.stop() };
}

/** Go keeps what it has fetched and compiled. @param {string} module a program at its version @returns its path */
function build(directory, module) {
  const env = { ...process.env, GOBIN: directory };
  const { status, stderr } = spawnSync(commandPath('go'), ['install', module], { env, encoding: 'utf8' });
  if (status === 0) return join(directory, String(module.split('/').at(-1)?.split('@')[0]));
  console.log(`skipped: ${module} cannot be built: ${stderr.trim().split('\n').at(-1)}`);
  return undefined;
}
