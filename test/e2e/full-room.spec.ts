import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fill, Mounts } from '../crash/support/mounts.js';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { RawClient } from '../support/raw.js';

const MIB = 1024 * 1024;

describe('bytes in flight, whose length nobody declares', () => {
  const ROOM = 5 * MIB;
  let alice: Client;
  const drive = driveFixture({ DEFAULT_MAX_STORAGE: String(ROOM) }, { checked: 'soon' });
  beforeAll(async () => {
    alice = await drive.signUp('alice');
  });

  /** An upload in chunks that never ends. */
  const begin = async (name: string): Promise<RawClient> => {
    const raw = await RawClient.connect(drive.url);
    const part = `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`;
    raw.send(
      'POST /api/upload HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n' +
        `Transfer-Encoding: chunked\r\nAuthorization: Bearer ${alice.token}\r\n\r\n${part.length.toString(16)}\r\n${part}\r\n`,
    );
    return raw;
  };
  const send = (raw: RawClient, bytes: number) => {
    if (raw.socket.writable) raw.socket.write(`${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`);
  };

  it('are together no more than their owner may have, and those that fit go on', async () => {
    const raws = await Promise.all(Array.from({ length: 12 }, (_, n) => begin(`endless ${n}.bin`)));
    for (let round = 0; round < 8; round++) {
      for (const raw of raws) send(raw, MIB / 2);
      await delay(50);
    }
    const temporary = join(drive.config.dataDir, 'uploads/.tmp');
    const sizeOf = (name: string) => statSync(join(temporary, name), { throwIfNoEntry: false })?.size ?? 0;
    const held = async () => (await drive.temporaryFiles()).reduce((sum, name) => sum + sizeOf(name), 0);
    const refused = () => raws.filter(({ received }) => received.includes('403'));
    await expect.poll(() => refused().length).toBeGreaterThan(0);
    await expect.poll(held).toBeLessThanOrEqual(ROOM);
    expect(refused()[0]!.received).toContain('"error":"Storage limit exceeded"');
    for (const raw of raws) raw.destroy();
    await expect.poll(() => drive.temporaryFiles()).toEqual([]);
    expect((await alice.upload('fits.bin', new Uint8Array(ROOM - 1))).status).toBe(200);
    expect(await drive.violations()).toEqual([]);
  });
});

describeWith('tmpfs', 'a disk that is nearly full', () => {
  const mounts = new Mounts();
  let drive: Drive;
  let alice: Client;
  beforeAll(async () => {
    const dataDir = join(temporaryDirectory(), 'data');
    mounts.disk(join(dataDir, 'uploads'), 32);
    drive = await Drive.start({ DATA_DIR: dataDir });
    alice = await drive.signUp('alice');
  });
  afterAll(async () => {
    await drive.close();
    mounts.release();
  });
  const ready = async () => (await drive.anonymous().get('/api/health/ready')).status;

  it('takes no uploads any more, keeps some room, says so, and starts all the same', async () => {
    const file = await alice.file('small.txt');
    expect(await ready()).toBe(200);
    const free = fill(`${drive.config.dataDir}/uploads`);
    expect(await ready()).toBe(503);
    const { status, body } = await alice.upload('more.txt', 'more');
    expect([status, body.error]).toEqual([507, 'Insufficient storage']);
    await drive.restart();
    expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(200);
    free();
    expect(await ready()).toBe(200);
    // More than the disk has, but for what uploads leave free.
    expect((await alice.upload('large.bin', new Uint8Array(31 * MIB))).status).toBe(507);
    expect((await alice.upload('more.txt', 'more')).status).toBe(200);
  });
});
