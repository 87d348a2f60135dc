import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { accessNow, follow, parallel, share, shareAgain, tally } from '../support/sharing.js';

let alice: Client;

const drive = driveFixture({ LINK_LIMIT: '100000/1m' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

describe('50 requests at once', () => {
  const bytes = Buffer.alloc(300_000, 'abcdefg');

  it.each<[Record<string, unknown>, number, string]>([
    [{ oneTimeUse: true }, 1, 'Access link has already been used'],
    [{ enableTTL: true, ttl: 3 }, 3, 'Access link has reached its TTL limit'],
  ])('on a link with %j get it %j times, whole, and all others are told why', async (settings, uses, text) => {
    const shared = await share(alice, settings, { bytes });
    const answers = await parallel(50, () => follow(shared.link));
    expect(tally(answers)).toEqual({ 200: uses, 403: 50 - uses });
    for (const answer of answers) {
      if (answer.status === 200) expect(answer.bytes.equals(bytes)).toBe(true);
      else expect(JSON.parse(answer.bytes.toString()).error).toBe(text);
    }
    const [rule] = uses === 1 ? ['oneTimeUse'] : ['ttl'];
    expect(await accessNow(alice, shared)).toMatchObject({ uses, remainingUses: 0, refusals: { [rule!]: 50 - uses } });
  });

  it('on a link without a limit get it 50 times, and are counted', async () => {
    const shared = await share(alice, {}, { bytes });
    const answers = await parallel(50, () => follow(shared.link));
    expect(tally(answers)).toEqual({ 200: 50 });
    expect(answers.every((answer) => answer.bytes.equals(bytes))).toBe(true);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 50, remainingUses: null });
  });
});

describe('an owner who edits while the link is used', () => {
  it('loses no edit and gives no use away', async () => {
    const shared = await share(alice, { enableTTL: true, ttl: 3 });
    const edit = async (index: number) => {
      const { status, body } = await alice.put(`/api/accesses/${shared.access.id}`, {
        name: `edit ${index}`,
        ttl: 3,
        enableTTL: true,
        ips: index % 2 ? ['127.0.0.1'] : [],
      });
      expect([status, body.access.name]).toEqual([200, `edit ${index}`]);
    };
    const [answers] = await Promise.all([
      parallel(50, () => follow(shared.link)),
      (async () => {
        for (let index = 0; index < 20; index++) await edit(index);
      })(),
    ]);
    expect(tally(answers)).toEqual({ 200: 3, 403: 47 });
    expect(await accessNow(alice, shared)).toMatchObject({ name: 'edit 19', ips: ['127.0.0.1'], uses: 3 });
  });

  it('loses no edit to another edit', async () => {
    const shared = await share(alice, { enableTTL: true, ttl: 3 });
    const edits = [
      { name: 'edited' },
      { subnets: ['10.0.0.0/8'] },
      { ips: ['10.0.0.1'] },
      { expires: '2199-01-31T12:00:00.000Z' },
      { public: false },
      { ttl: 9 },
      { oneTimeUse: true },
    ];
    const answers = await Promise.all(edits.map((edit) => alice.put(`/api/accesses/${shared.access.id}`, edit)));
    expect(tally(answers)).toEqual({ 200: edits.length });
    expect(await accessNow(alice, shared)).toMatchObject(Object.assign({}, ...edits));
  });

  it('starts the uses anew exactly when the limit changes', async () => {
    const shared = await share(alice, { enableTTL: true, ttl: 3 });
    const [before, change, between] = await Promise.all([
      parallel(20, () => follow(shared.link)),
      alice.put(`/api/accesses/${shared.access.id}`, { ttl: 5 }),
      parallel(20, () => follow(shared.link)),
    ]);
    expect(change.status).toBe(200);
    const after = await parallel(20, () => follow(shared.link));
    const used = tally([...before, ...between, ...after])[200]!;
    expect(used).toBeGreaterThanOrEqual(5);
    expect(used).toBeLessThanOrEqual(3 + 5);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 5, remainingUses: 0 });
  });

  it('has the limit hold from its answer on, whatever was counted before', async () => {
    for (let round = 0; round < 10; round++) {
      const shared = await share(alice);
      const [free, change] = await Promise.all([
        parallel(5, () => follow(shared.link)),
        alice.put(`/api/accesses/${shared.access.id}`, { oneTimeUse: true }),
      ]);
      expect(change.status).toBe(200);
      const taken = (await accessNow(alice, shared)).uses as number;
      const after = await parallel(10, () => follow(shared.link));
      expect((tally(after)[200] ?? 0) + taken).toBe(1);
      expect(tally(free)[200]).toBeGreaterThanOrEqual(taken);
      expect(await accessNow(alice, shared)).toMatchObject({ uses: 1, used: true });
    }
  });
});

describe('a delete', () => {
  it('and new accesses at once leave no access behind, 100 times', async () => {
    for (let round = 0; round < 100; round++) {
      const { file } = await share(alice, {}, { name: 'again.txt' });
      const create = () => alice.post(`/api/files/${file.id}/accesses`, { public: true });
      const [before, removed, ...after] = await Promise.all([
        create(),
        alice.delete(`/api/files/${file.id}`),
        create(),
        create(),
      ]);
      expect(removed).toMatchObject({ status: 200, body: { message: 'File deleted successfully' } });
      for (const { status, body } of [before, ...after]) {
        expect([200, 404]).toContain(status);
        if (status === 200) expect((await follow(body.link)).status).toBe(404);
        else expect(body.error).toBe('File not found');
      }
      expect(await drive.probe.rows('SELECT id FROM accesses WHERE fileId = ?', [file.id])).toEqual([]);
    }
  });

  it('and uses of its links at once give the whole file or none', async () => {
    for (let round = 0; round < 20; round++) {
      const bytes = `round ${round}`;
      const free = await share(alice, {}, { name: 'used.txt', bytes });
      const counted = await shareAgain(alice, free.file.id, { enableTTL: true, ttl: 4 });
      const [answers, removed] = await Promise.all([
        parallel(12, (index) => follow(index % 2 ? free.link : counted.link)),
        alice.delete(`/api/files/${free.file.id}`),
      ]);
      expect(removed.status).toBe(200);
      for (const answer of answers) {
        expect([200, 403, 404]).toContain(answer.status);
        if (answer.status === 200) expect(answer.bytes.toString()).toBe(bytes);
      }
      const counts = answers.filter((_, index) => index % 2 === 0);
      expect(tally(counts)[200] ?? 0).toBeLessThanOrEqual(4);
    }
  });

  it('of an access and edits of it at once end without it', async () => {
    const shared = await share(alice);
    const [edits, removed] = await Promise.all([
      parallel(10, (index) => alice.put(`/api/accesses/${shared.access.id}`, { name: `edit ${index}` })),
      alice.delete(`/api/accesses/${shared.access.id}`),
    ]);
    expect(removed.status).toBe(200);
    for (const { status } of edits) expect([200, 404]).toContain(status);
    expect(await drive.probe.rows('SELECT id FROM accesses WHERE id = ?', [shared.access.id])).toEqual([]);
  });
});
