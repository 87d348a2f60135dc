import { readdirSync, readlinkSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { RawClient } from '../support/raw.js';
import { until } from '../support/until.js';

/** More than the buffers of a connection hold, so that an answer stays under way while nobody reads it. */
const SIZE = 12 * 1024 * 1024;
const HEALTH = 'GET /api/health HTTP/1.1\r\nHost: localhost\r\n\r\n';

let alice: Client;
let download: string;
const raws: RawClient[] = [];

const drive = driveFixture({}, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
  const { id } = await alice.file('long.bin', new Uint8Array(SIZE).fill(65));
  download = `GET /api/files/${id}/content HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${alice.token}\r\n\r\n`;
});
afterEach(() => raws.splice(0).forEach((raw) => raw.destroy()));

async function connect(): Promise<RawClient> {
  const raw = await RawClient.connect(drive.url);
  raws.push(raw);
  return raw;
}

/** How often this process, which the drive is a part of, has the file open. */
function descriptors(): number {
  return readdirSync('/proc/self/fd').filter((fd) => targetOf(fd).endsWith('/long.bin')).length;
}

function targetOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // Closed since it was listed.
    return '';
  }
}

describe('a connection', () => {
  it('does not get the error of what is no HTTP into the answer that is under way', async () => {
    const raw = await connect();
    raw.socket.pause();
    raw.send(download);
    await until(() => raw.socket.readableLength > 0);
    raw.send('GARBAGE\r\n\r\n');
    raw.socket.resume();
    await raw.end();
    const bytes = raw.received.slice(raw.received.indexOf('\r\n\r\n') + 4);
    expect(bytes.length).toBeLessThan(SIZE);
    expect(bytes).toMatch(/^A*$/);
  });

  it.skipIf(process.platform !== 'linux')('takes along the files of all its answers when it is closed', async () => {
    const raw = await connect();
    raw.socket.pause();
    raw.send(download.repeat(20));
    await until(() => descriptors() === 20);
    raw.destroy();
    await until(() => descriptors() === 0);
  });

  it('answers requests that are sent ahead, in their order', async () => {
    const raw = await connect();
    raw.send(HEALTH.repeat(32));
    for (let count = 0; count < 32; count++) expect((await raw.answer()).status).toBe(200);
    raw.send(HEALTH.repeat(32));
    for (let count = 0; count < 32; count++) expect((await raw.answer()).status).toBe(200);
  });

  it('is ended by too many requests ahead of their answers, and the drive goes on', async () => {
    const raw = await connect();
    raw.socket.pause();
    raw.send(download.repeat(500));
    raw.socket.resume();
    await raw.end();
    expect((await drive.anonymous().get('/api/health')).status).toBe(200);
  });
});
