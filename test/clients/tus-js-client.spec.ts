import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import * as tus from 'tus-js-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { openProbe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { findViolations, sha256 } from '../support/violations.js';

/** 256 by hand: `TUS_MIB=256 npx vitest run test/clients/tus-js-client.spec.ts` */
const MIB = Number(process.env.TUS_MIB ?? 80);
const KILLS = 5;

let environment: NodeJS.ProcessEnv;
let server: Server;
let alice: Client;

beforeAll(async () => {
  environment = await Server.environment({ LOG_LEVEL: 'silent' });
  server = await Server.start(environment);
  alice = await server.client.signUp('alice');
});
afterAll(async () => {
  await server.kill();
  rmSync(dirname(environment.DATA_DIR!), { recursive: true, force: true });
});

/** What was told is there after each kill, as the client asks for it. */
const offsets: number[] = [];

/** Ends the server as a power cut would, and starts it again. */
async function restart(): Promise<void> {
  await server.kill('SIGKILL');
  server = await Server.start(environment);
}

/** Uploads, and has the server killed each time that the next share of the bytes is sent. @returns the file's address */
function upload(name: string, bytes: Buffer, chunkSize: number): Promise<string> {
  let kills = 0;
  let dying: Promise<void> | undefined;
  const kill = async () => {
    kills += 1;
    await restart();
    dying = undefined;
  };
  return new Promise((resolve, reject) => {
    let location = '';
    const task = new tus.Upload(bytes, {
      endpoint: `${server.client.url}/api/uploads`,
      headers: { authorization: `Bearer ${alice.token}` },
      metadata: { filename: name },
      chunkSize,
      retryDelays: Array.from({ length: 2_000 }, () => 100),
      onProgress: (sent, total) => {
        if (!dying && kills < KILLS && sent > ((kills + 1) * total) / (KILLS + 1)) dying = kill();
      },
      onAfterResponse: (request, response) => {
        location = response.getHeader('Content-Location') ?? location;
        if (request.getMethod() === 'HEAD') offsets.push(Number(response.getHeader('Upload-Offset')));
      },
      onSuccess: () => resolve(location),
      onError: reject,
    });
    task.start();
  }).then(async (location) => {
    await dying;
    expect(kills).toBe(KILLS);
    return location as string;
  });
}

it.each([
  ['part after part', 4 * 1024 * 1024],
  ['all that is left in each request, as it does by default', Infinity],
])(
  'tus-js-client uploads %s, while the server is killed five times',
  async (_how, chunkSize) => {
    offsets.length = 0;
    const bytes = randomBytes(MIB * 1024 * 1024);
    const name = `${chunkSize}.bin`;
    const location = await upload(name, bytes, chunkSize);
    const { file } = (await alice.get(location)).body;
    expect(file).toMatchObject({ name, size: bytes.length, sha256: sha256(bytes) });
    const content = Buffer.from(await (await alice.fetch(`${location}/content`)).arrayBuffer());
    expect(sha256(content)).toBe(file.sha256);
    // What was told before is there after: it never begins anew.
    expect(offsets.length).toBeGreaterThanOrEqual(KILLS);
    expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
    expect(offsets.at(-1)).toBeGreaterThan(0);
    const probe = await openProbe(server.config);
    expect(await findViolations(probe, environment.DATA_DIR!)).toEqual([]);
    expect(await probe.rows('SELECT id FROM uploads WHERE reserved IS NOT NULL')).toEqual([]);
    await probe.close();
  },
  600_000,
);
