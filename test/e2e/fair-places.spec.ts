import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { uploadHead } from '../crash/support/requests.js';
import { admin } from '../support/admin.js';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { RawClient } from '../support/raw.js';

const PLACES = 8;

const drive = driveFixture({ UPLOADS_IN_FLIGHT: String(PLACES) }, { checked: 'soon' });
let bob: Client;
const raws: RawClient[] = [];
beforeAll(async () => {
  bob = await drive.signUp('bob');
});
afterAll(() => raws.forEach((raw) => raw.destroy()));

/** An upload of which a byte comes now and then, for as long as anybody lets it. */
async function trickle(client: Client, name: string): Promise<RawClient> {
  const raw = await RawClient.connect(drive.url);
  raws.push(raw);
  raw.send(uploadHead(client.token!, name, 10_000_000));
  const timer = setInterval(() => raw.socket.writable && raw.send('x'.repeat(110)), 100);
  raw.socket.once('close', () => clearInterval(timer));
  return raw;
}

const underWay = async () => (await drive.temporaryFiles()).length;

describe('places for uploads', () => {
  it('are not kept by those who send next to nothing, however many: others come in soon', async () => {
    for (const name of ['mallory', 'marvin']) {
      const slow = await drive.signUp(name);
      await Promise.all(Array.from({ length: PLACES }, (_, n) => trickle(slow, `slow ${n}.bin`)));
    }
    await expect.poll(underWay).toBe(PLACES);
    const began = performance.now();
    expect((await bob.upload('quick.txt', 'quick')).status).toBe(200);
    // Those who had a place had it for less than two seconds; from then on it takes a moment.
    expect(performance.now() - began).toBeLessThan(8_000);
    for (let n = 0; n < 5; n++) expect((await bob.upload(`quick ${n}.txt`, 'quick')).status).toBe(200);
    const evicted = raws.filter(({ received }) => received.startsWith('HTTP/1.1 503'));
    expect(evicted.length).toBeGreaterThan(0);
    expect(evicted[0]!.received).toMatch(/retry-after: \d+/i);
    for (const raw of raws.splice(0)) raw.destroy();
    await expect.poll(underWay).toBe(0);
    expect(await drive.violations()).toEqual([]);
  });

  it('are lost at once by an owner who is shut out, and his account is removed without waiting for him', async () => {
    const eve = await drive.signUp('eve');
    const raw = await trickle(eve, 'never ends.bin');
    await expect.poll(underWay).toBe(1);
    const ended = once(raw.socket, 'close');
    const { code, err } = await admin(drive.config, ['users', 'delete', 'eve', '--yes']);
    expect([code, err]).toEqual([0, expect.anything()]);
    await ended;
    expect(raw.received).toMatch(/^HTTP\/1\.1 401 /);
    expect(await drive.probe.rows("SELECT id FROM users WHERE username = 'eve'")).toEqual([]);
    expect(await drive.violations()).toEqual([]);
  });
});
