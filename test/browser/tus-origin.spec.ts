import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequire } from 'node:module';
import { afterAll, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { mebibytes, MortalServer } from '../support/mortal-server.js';
import { theBrowser } from '../support/visitor.js';

const require = createRequire(import.meta.url);
const TUS = readFileSync(require.resolve('tus-js-client/dist/tus.min.js'), 'utf8');
const MIB = 1024 * 1024;

/** Bytes that do not repeat, the same here and there. @param size a multiple of 4 */
const makeBytes = (size: number): Uint8Array<ArrayBuffer> => {
  const words = new Uint32Array(size / 4);
  for (let at = 0, word = 1; at < words.length; at += 1)
    words[at] = word = (Math.imul(word, 1_664_525) + 1_013_904_223) | 0;
  return new Uint8Array(words.buffer);
};

/** What the page of the other origin has. */
interface Elsewhere {
  readonly tus: typeof import('tus-js-client');
  readonly makeBytes: (size: number) => Uint8Array<ArrayBuffer>;
  readonly progressed: (sent: number, total: number) => void;
}

/** What a page does whose server dies again and again: it uploads, in parts, says how much was sent, and goes on. */
const UPLOAD_ON = ({ url, token, size }: { url: string; token: string; size: number }) =>
  new Promise<void>((resolve, reject) => {
    const { tus, makeBytes: bytes, progressed } = globalThis as unknown as Elsewhere;
    new tus.Upload(new Blob([bytes(size)]), {
      endpoint: `${url}/api/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { filename: 'far.bin' },
      chunkSize: 2 * 1024 * 1024,
      retryDelays: Array.from({ length: 2_000 }, () => 100),
      onProgress: (sent, total) => progressed(sent, total ?? 0),
      onSuccess: () => resolve(),
      onError: (error) => reject(error),
    }).start();
  });

/** What the page does: it uploads so many bytes of `x`, in parts, and tells where the file is. */
const UPLOAD = ({ url, token, size, name }: { url: string; token: string; size: number; name: string }) =>
  new Promise<string>((resolve, reject) => {
    let location = '';
    const { Upload } = (globalThis as unknown as Elsewhere).tus;
    new Upload(new Blob(['x'.repeat(size)]), {
      endpoint: `${url}/api/uploads`,
      headers: { authorization: `Bearer ${token}` },
      metadata: { filename: name },
      chunkSize: 1024 * 1024,
      retryDelays: null,
      onAfterResponse: (_request, response) => {
        location = response.getHeader('Content-Location') ?? location;
      },
      onSuccess: () => resolve(location),
      onError: (error) => reject(error),
    }).start();
  });

describeWith('chromium', 'tus-js-client in a page of another origin', () => {
  let elsewhere: Server;
  let origin: string;
  const drive = driveFixture(async () => {
    elsewhere = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<p>Elsewhere'),
    );
    elsewhere.listen(0, '127.0.0.1');
    await once(elsewhere, 'listening');
    origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
    return { CORS_ORIGINS: origin };
  });
  afterAll(() => void elsewhere?.close());

  const visit = async (address: string) => {
    const page = await (await theBrowser()).newPage();
    await page.goto(address);
    await page.addScriptTag({ content: TUS });
    return page;
  };

  it('uploads in parts, and reads where the file is, where its origin is listed', async () => {
    const alice = await drive.signUp('alice');
    const page = await visit(origin);
    const size = 3 * MIB + 5;
    const location = await page.evaluate(UPLOAD, { url: drive.url, token: alice.token!, size, name: 'far.bin' });
    expect((await alice.get(location)).body.file).toMatchObject({
      ...{ name: 'far.bin', size, sha256: sha256('x'.repeat(size)) },
    });
    expect(await drive.violations()).toEqual([]);
  }, 60_000);

  it('goes on from where it was, while the server is killed five times', async () => {
    const server = await MortalServer.start({ CORS_ORIGINS: origin });
    const page = await visit(origin);
    const size = mebibytes(32) * MIB;
    await page.exposeFunction('progressed', (sent: number, total: number) => server.progressed(sent, total));
    await page.evaluate(`globalThis.makeBytes = ${makeBytes.toString()}`);
    await page.evaluate(UPLOAD_ON, { url: server.url, token: server.alice.token!, size });
    expect(await server.findings('far.bin', makeBytes(size))).toEqual([]);
    await server.destroy();
  }, 600_000);

  it('gets nowhere where it is not', async () => {
    const bob = await drive.signUp('bob');
    const page = await visit(origin.replace('127.0.0.1', 'localhost'));
    const tried = page.evaluate(UPLOAD, { url: drive.url, token: bob.token!, size: 5, name: 'far.bin' });
    await expect(tried).rejects.toThrow(/failed to create upload/);
    expect((await bob.get('/api/uploads')).body.uploads).toEqual([]);
  }, 60_000);
});
