import { mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { accessNow, expectRefusal, follow, share } from '../support/sharing.js';
import { itOnDisk } from '../support/store.js';

let alice: Client;

const drive = driveFixture();

/** An owner of the test's own. */
const owner = async () => (alice = await drive.newcomer());

describe('a counted link', () => {
  it.each<[Record<string, unknown>, number]>([
    [{ oneTimeUse: true }, 1],
    [{ enableTTL: true, ttl: 1 }, 1],
    [{ enableTTL: true, ttl: 3 }, 3],
    [{ oneTimeUse: true, enableTTL: true, ttl: 3 }, 1],
  ])('%j works %j times', async (settings, uses) => {
    const shared = await share(await owner(), settings);
    const text = settings.oneTimeUse ? 'Access link has already been used' : 'Access link has reached its TTL limit';
    for (let use = 1; use <= uses; use++) {
      const answer = await follow(shared.link);
      expect([answer.status, answer.bytes.toString()]).toEqual([200, `bytes of ${shared.file.name}`]);
      expect(await accessNow(alice, shared)).toMatchObject({ uses: use, remainingUses: uses - use });
    }
    expectRefusal(await follow(shared.link), 403, text);
    expect(await accessNow(alice, shared)).toMatchObject({ uses, used: Boolean(settings.oneTimeUse) });
  });

  it('sends the whole, and nothing that would invite a second request, to whatever holds the first byte', async () => {
    const shared = await share(await owner(), { enableTTL: true, ttl: 9 });
    const etag = `"${shared.file.sha256}"`;
    const conditions: Record<string, string>[] = [
      { range: 'bytes=0-3' },
      { 'if-none-match': etag },
      { range: 'bytes=9-', 'if-range': '"of another file"' },
      { range: `bytes=-${shared.file.size}` },
      { range: 'bytes=0-1,4-5' },
    ];
    for (const headers of conditions) {
      const answer = await follow(shared.link, { headers });
      expect([answer.status, answer.bytes.toString()]).toEqual([200, `bytes of ${shared.file.name}`]);
      for (const header of ['accept-ranges', 'etag', 'content-range']) expect(answer.headers.get(header)).toBeNull();
    }
    expect(await accessNow(alice, shared)).toMatchObject({ uses: conditions.length });
  });

  it('has no bytes for what asks for a later part, and spends no use on it', async () => {
    const shared = await share(await owner(), { oneTimeUse: true });
    const { size } = shared.file;
    for (const range of ['bytes=1-', 'bytes=2-3', 'bytes=-5']) {
      const answer = await follow(shared.link, { headers: { range } });
      expectRefusal(answer, 403, 'Access link sends the whole file only, from its first byte');
    }
    // Whoever has as many bytes as there are has all of them.
    const behind = await follow(shared.link, { headers: { range: `bytes=${size}-` } });
    expect([behind.status, behind.headers.get('content-range')]).toEqual([416, `bytes */${size}`]);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0, remainingUses: 1 });
    expect((await follow(shared.link)).bytes.toString()).toBe(`bytes of ${shared.file.name}`);
    const used = await follow(shared.link, { headers: { range: 'bytes=1-' } });
    expectRefusal(used, 403, 'Access link has already been used');
  });

  it('loses no use to HEAD, OPTIONS, other methods or a refusal', async () => {
    const shared = await share(await owner(), { oneTimeUse: true, ips: ['127.0.0.1'] });
    const head = await follow(shared.link, { method: 'HEAD' });
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(head.headers.get('content-length')).toBe(String(shared.file.size));
    expect(head.headers.get('content-disposition')).toMatch(/^attachment/);
    for (const header of ['accept-ranges', 'etag']) expect(head.headers.get(header)).toBeNull();
    for (const method of ['OPTIONS', 'POST', 'PUT', 'DELETE', 'PATCH']) {
      expect((await follow(shared.link, { method })).status).toBe(405);
    }
    await alice.put(`/api/accesses/${shared.access.id}`, { ips: ['10.0.0.1'] });
    expectRefusal(await follow(shared.link), 403, 'Access restricted to specific IPs');
    expect((await follow(shared.link, { method: 'HEAD' })).status).toBe(403);
    await alice.put(`/api/accesses/${shared.access.id}`, { ips: [] });
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0, used: false, lastUsedAt: null });
    expect((await follow(shared.link)).status).toBe(200);
    expect((await follow(shared.link, { method: 'HEAD' })).status).toBe(403);
  });

  itOnDisk.each([
    ['gone', (path: string) => rmSync(path)],
    ['cut off', (path: string) => truncateSync(path, 3)],
    ['longer', (path: string) => writeFileSync(path, 'more', { flag: 'a' })],
    ['a directory', (path: string) => (rmSync(path), mkdirSync(path))],
  ])('loses no use when its bytes are %s, and answers 500', async (_, damage) => {
    const shared = await share(await owner(), { oneTimeUse: true });
    const path = join(drive.config.dataDir, 'uploads', alice.username, shared.file.name);
    const bytes = `bytes of ${shared.file.name}`;
    damage(path);
    expectRefusal(await follow(shared.link), 500, 'Internal server error');
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0, used: false });
    rmSync(path, { recursive: true, force: true });
    writeFileSync(path, bytes);
    expect((await follow(shared.link)).bytes.toString()).toBe(bytes);
  });

  it('loses no use when the database cannot take it, and sends nothing', async () => {
    const shared = await share(await owner(), { oneTimeUse: true });
    const lift = await drive.probe.plantFault('UPDATE', 'accesses');
    try {
      expectRefusal(await follow(shared.link), 500, 'Internal server error');
    } finally {
      await lift();
    }
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
    expect((await follow(shared.link)).status).toBe(200);
  });

  it('gives an empty file', async () => {
    const shared = await share(await owner(), { oneTimeUse: true }, { bytes: '' });
    const answer = await follow(shared.link);
    expect([answer.status, answer.headers.get('content-length'), answer.bytes.length]).toEqual([200, '0', 0]);
    expect((await follow(shared.link)).status).toBe(403);
  });
});
