import { randomBytes } from 'node:crypto';
import * as tus from 'tus-js-client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mebibytes, MortalServer } from '../support/mortal-server.js';

let server: MortalServer;
beforeEach(async () => void (server = await MortalServer.start()));
afterEach(() => server.destroy());

/** Uploads. @returns the offsets that it was told when it asked how far it is */
function upload(name: string, bytes: Buffer, chunkSize: number): Promise<number[]> {
  const offsets: number[] = [];
  return new Promise((resolve, reject) => {
    const task = new tus.Upload(bytes, {
      endpoint: `${server.url}/api/uploads`,
      headers: { authorization: `Bearer ${server.alice.token}` },
      metadata: { filename: name },
      chunkSize,
      retryDelays: Array.from({ length: 2_000 }, () => 100),
      onProgress: (sent, total) => server.progressed(sent, total),
      onAfterResponse: (request, response) => {
        if (request.getMethod() === 'HEAD') offsets.push(Number(response.getHeader('Upload-Offset')));
      },
      onSuccess: () => resolve(offsets),
      onError: reject,
    });
    task.start();
  });
}

// All that is left in each request needs more bytes: every 32 MiB of them are written down.
it.each([
  ['part after part', 4 * 1024 * 1024, mebibytes(32)],
  ['all that is left in each request, as it does by default', Infinity, mebibytes(80)],
])(
  'tus-js-client uploads %s, while the server is killed five times',
  async (_how, chunkSize, size) => {
    const bytes = randomBytes(size * 1024 * 1024);
    const offsets = await upload('a.bin', bytes, chunkSize);
    expect(await server.findings('a.bin', bytes)).toEqual([]);
    // What was told before is there after: it never begins anew. A server may die before it has been asked.
    expect(offsets.length).toBeGreaterThan(0);
    expect(offsets).toEqual(offsets.toSorted((one, other) => one - other));
    expect(offsets.at(-1)).toBeGreaterThan(0);
  },
  600_000,
);
