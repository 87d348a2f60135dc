import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';

const ROOT = join(import.meta.dirname, '../..');
/** What counts installations, and comes with Swagger UI; npm runs it, unless it is told not to. */
const REPORT = join(ROOT, 'node_modules/@scarf/scarf/report.js');

it.skipIf(!existsSync(REPORT))('nothing calls home when the drive is installed', async () => {
  const calls: string[] = [];
  const listener = createServer((request, response) => {
    calls.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const directory = temporaryDirectory();
  // As npm runs it; where it would call leads here.
  const env = {
    PATH: process.env.PATH,
    INIT_CWD: ROOT,
    TMPDIR: directory,
    HOME: directory,
    SCARF_LOCAL_PORT: `${port}`,
  };
  const report = spawn(process.execPath, [REPORT], { cwd: join(REPORT, '..'), env, stdio: 'ignore' });
  await once(report, 'exit');
  listener.close();
  expect(calls).toEqual([]);
});
