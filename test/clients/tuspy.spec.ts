import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { engine, missing, skipVisibly } from '../support/engines.js';
import { KILLS, mebibytes, MortalServer } from '../support/mortal-server.js';

const PART = 2 * 1024 * 1024;
const SCRIPT = join(import.meta.dirname, 'scripts/upload_parts.py');

// Of PyPI, which the CI does not ask.
const python = engine('python-tus');
if (python === undefined) {
  skipVisibly(missing('an upload by tuspy', 'python-tus'));
} else {
  it('tuspy uploads part after part, while the server is killed five times', async () => {
    const server = await MortalServer.start();
    const directory = temporaryDirectory();
    const bytes = randomBytes(mebibytes(32) * 1024 * 1024);
    const path = join(directory, 'a.bin');
    writeFileSync(path, bytes);
    const child = spawn(python, [SCRIPT, server.url, path, 'ä b.bin', String(PART)], {
      env: { PATH: process.env.PATH, DEFDRIVE_TOKEN: server.alice.token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const offsets: number[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => {
      offsets.push(Number(line));
      server.progressed(Number(line), bytes.length);
    });
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect([status, said]).toEqual([0, '']);
    expect(await server.findings('ä b.bin', bytes)).toEqual([]);
    expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
    expect(server.kills).toBe(KILLS);
    await server.destroy();
  }, 600_000);

  it('tuspy without metadata is told what is missing', async () => {
    const server = await MortalServer.start();
    const code = 'import sys; from tusclient import client; from io import BytesIO';
    const headers = JSON.stringify({ Authorization: `Bearer ${server.alice.token}` });
    const send = `client.TusClient(sys.argv[1], headers=${headers}).uploader(file_stream=BytesIO(b"abc")).upload()`;
    const child = spawn(python, ['-c', `${code}; ${send}`, `${server.url}/api/uploads`], { stdio: 'pipe' });
    const [said, [status]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    expect([status, said]).toEqual([1, expect.stringMatching(/400|Upload-Metadata/)]);
    expect((await server.alice.get('/api/uploads')).body.uploads).toEqual([]);
    await server.destroy();
  }, 60_000);
}
