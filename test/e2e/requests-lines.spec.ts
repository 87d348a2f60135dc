import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { RawClient } from '../support/raw.js';
import { share } from '../support/sharing.js';

let alice: Client;
const drive = driveFixture({ TRUSTED_PROXIES: '127.0.0.1', LINK_LIMIT: '5/1m' }, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

describe('the address behind a proxy', () => {
  const ADMITTED = { subnets: ['203.0.113.0/24', '2001:db8::/32'] };
  const visit = async (link: string, headers: Record<string, string>) => (await fetch(link, { headers })).status;

  it.each([
    [{ 'x-forwarded-for': '203.0.113.7:54321' }, 200],
    [{ 'x-forwarded-for': '[2001:db8::7]:54321' }, 200],
    [{ 'x-forwarded-for': '[2001:db8::7]' }, 200],
    [{ 'x-forwarded-for': '198.51.100.1:1, 203.0.113.7:54321' }, 200],
    [{ 'x-forwarded-for': '203.0.113.7:54321, 198.51.100.1:1' }, 403],
    [{ forwarded: 'for="[2001:db8::7]:4711";proto=https' }, 200],
    [{ forwarded: 'for=203.0.113.7, for=198.51.100.1' }, 403],
    [{ forwarded: 'for=203.0.113.7', 'x-forwarded-for': '203.0.113.7:1' }, 200],
    [{ forwarded: 'for=203.0.113.7', 'x-forwarded-for': '198.51.100.1' }, 403],
    [{ forwarded: 'for=198.51.100.1', 'x-forwarded-for': '203.0.113.7' }, 403],
  ])('is what %j say: %i', async (headers, status) => {
    const { link } = await share(alice, ADMITTED);
    expect(await visit(link, headers as Record<string, string>)).toBe(status);
  });

  it('with ports of its own does not throttle everybody for one', async () => {
    const guess = (from: string) => visit(`${drive.url}/link/${'0'.repeat(32)}`, { 'x-forwarded-for': from });
    for (let n = 0; n < 6; n += 1) await guess(`203.0.113.7:${50_000 + n}`);
    expect([await guess('203.0.113.7:1'), await guess('198.51.100.99:4711')]).toEqual([429, 404]);
  });
});

describe('a refused upload', () => {
  const raws: RawClient[] = [];
  afterEach(() => raws.splice(0).forEach((raw) => raw.destroy()));
  const begin = async (more: string[], length: number) => {
    const raw = await RawClient.connect(drive.url);
    raws.push(raw);
    const head = [
      'POST /api/upload HTTP/1.1',
      'Host: x',
      'Content-Type: multipart/form-data; boundary=b',
      `Content-Length: ${length}`,
    ];
    raw.send(...head, ...more, '', '');
    return raw;
  };
  const give = (raw: RawClient, bytes: number) =>
    new Promise<void>((resolve) => raw.socket.write(Buffer.alloc(bytes), () => resolve()));

  it('reaches a client whose line takes longer than the rest of it may have taken once', async () => {
    // Six seconds and more, at the pace of a telephone.
    const raw = await begin([], 8_000_000);
    for (let n = 0; n < 40; n += 1) {
      await give(raw, 200_000);
      await new Promise((resolve) => setTimeout(resolve, 160));
    }
    expect((await raw.answer()).status).toBe(401);
    raw.send('GET /api/health HTTP/1.1', 'Host: x', '', '');
    expect((await raw.answer()).status).toBe(200);
  });

  it('is not reset over bytes on the way, where the connection ends with the answer', async () => {
    for (const more of [['Connection: close'], ['Connection: close', 'X-Forwarded-For: 203.0.113.9']]) {
      const raw = await begin(more, 8_000_000);
      raw.socket.pause();
      for (let n = 0; n < 8; n += 1) {
        await give(raw, 1_000_000);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      raw.socket.resume();
      expect((await raw.answer()).status).toBe(401);
      await raw.end();
      expect(raw.socket.errored).toBeNull();
    }
  });
});
