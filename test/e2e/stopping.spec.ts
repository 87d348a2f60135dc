import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw.js';
import { Server } from '../support/server.js';
import { until } from '../support/until.js';

/** More than the buffers of a connection hold, so that an answer stays under way while nobody reads it. */
const SIZE = 24 * 1024 * 1024;
/** Milliseconds: what Docker gives. */
const PATIENCE = 10_000;

const sockets: Socket[] = [];
let server: Server | undefined;
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server?.kill();
  rmSync(dirname(server!.config.dataDir), { recursive: true, force: true });
});

async function start(settings: NodeJS.ProcessEnv = {}): Promise<void> {
  server = await Server.start(await Server.environment({ LOG_LEVEL: 'silent', ...settings }));
}

async function open(): Promise<RawClient> {
  const raw = await RawClient.connect(server!.config.publicUrl);
  sockets.push(raw.socket);
  return raw;
}

/** A download whose client, who would like to go on with this connection, has stopped reading. */
async function stalledDownload(): Promise<RawClient> {
  const alice = await server!.client.signUp('alice');
  const { id } = await alice.file('long.bin', new Uint8Array(SIZE));
  const raw = await open();
  raw.socket.pause();
  raw.send(`GET /api/files/${id}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${alice.token}\r\n\r\n`);
  // Not by the event: to listen for it would make the paused socket flow again.
  await expect.poll(() => raw.socket.readableLength).toBeGreaterThan(0);
  return raw;
}

/** Milliseconds from the signal to the end of the process. */
async function stop(...signals: NodeJS.Signals[]): Promise<number> {
  const began = performance.now();
  for (const signal of signals) {
    server!.process.kill(signal);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await Promise.race([server!.ended, new Promise((resolve) => setTimeout(resolve, PATIENCE).unref())]);
  return performance.now() - began;
}

describe('SIGTERM', () => {
  it('ends a server with a connection that has never said anything, and with one that is half way through its request', async () => {
    await start();
    const { hostname, port } = new URL(server!.config.publicUrl);
    const silent = connect(Number(port), hostname);
    sockets.push(silent);
    await once(silent, 'connect');
    (await open()).send('GET /api/health HTTP/1.1\r\nHost: x\r\n');
    const idle = await open();
    idle.send('GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n');
    expect((await idle.answer()).status).toBe(200);
    // Well before what is under way would be ended: nothing is.
    expect(await stop('SIGTERM')).toBeLessThan(5_000);
    expect(await server!.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('lets a download that is read run to its end, and then closes its connection', async () => {
    await start();
    const raw = await stalledDownload();
    server!.process.kill('SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 300));
    raw.socket.resume();
    await raw.end();
    expect(raw.received.length - raw.received.indexOf('\r\n\r\n') - 4).toBe(SIZE);
    expect(await server!.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('ends a server with a download that nobody reads, after its grace', async () => {
    await start({ STOP_GRACE: '1s' });
    await stalledDownload();
    expect(await stop('SIGTERM')).toBeLessThan(PATIENCE);
    expect(await server!.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('twice ends it at once', async () => {
    await start();
    await stalledDownload();
    expect(await stop('SIGTERM', 'SIGTERM')).toBeLessThan(5_000);
    expect((await server!.ended).code).toBe(1);
  });
});

describe('a log that cannot be written', () => {
  it.skipIf(process.platform !== 'linux')('keeps neither requests nor SIGTERM', async () => {
    const environment = await Server.environment();
    server = Server.spawn(environment, ['sh', '-c', 'exec "$0" "$@" >/dev/full']);
    const { client } = server;
    await until(() =>
      client.get('/api/health').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    const alice = await client.signUp('alice');
    for (let n = 0; n < 50; n++) expect((await alice.get('/api/files')).status).toBe(200);
    expect(await stop('SIGTERM')).toBeLessThan(PATIENCE);
    expect(await server.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('keeps neither requests nor SIGTERM where its reader has stopped reading; it says what is lost when it goes on', async () => {
    await start({ LOG_LEVEL: 'info' });
    server!.process.stdout!.pause();
    const flood = async () => {
      for (let n = 0; n < 1_000; n++) expect((await server!.client.fetch('/api/files')).status).toBe(401);
    };
    // More than a pipe and what waits for it hold.
    await Promise.all(Array.from({ length: 4 }, flood));
    server!.process.stdout!.resume();
    await expect.poll(() => server!.output, { timeout: PATIENCE }).toMatch(/"event":"log-lines-lost","count":[1-9]/);
    server!.process.stdout!.pause();
    await flood();
    const ended = once(server!.process, 'exit');
    server!.process.kill('SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    server!.process.stdout!.resume();
  });
});
