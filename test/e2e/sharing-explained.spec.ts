import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { testEngine } from '../support/probe.js';
import { accessNow, follow, parallel, share, tally } from '../support/sharing.js';

let alice: Client;

const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

describe('a dry run', () => {
  const check = (id: number, body: Record<string, unknown>) => alice.post(`/api/accesses/${id}/check`, body);
  const RULES = ['public', 'subnets', 'ips', 'expires', 'oneTimeUse', 'ttl'];

  it('says what a stranger would get, rule by rule', async () => {
    const { access } = await share(alice, {
      subnets: ['10.0.0.0/8', '2001:db8::/32'],
      ips: ['10.1.2.3', '2001:db8::7'],
      expires: '2199-01-31T12:00:00Z',
      enableTTL: true,
      ttl: 2,
    });
    const ask = async (body: Record<string, unknown>) => (await check(access.id, body)).body;
    const checks = (...failed: string[]) => RULES.map((rule) => ({ rule, passed: !failed.includes(rule) }));

    expect(await ask({ ip: '10.1.2.3' })).toEqual({ allowed: true, reason: null, checks: checks() });
    expect(await ask({ ip: '::ffff:10.1.2.3' })).toMatchObject({ allowed: true });
    expect(await ask({ ip: '2001:DB8:0::7' })).toMatchObject({ allowed: true });
    expect(await ask({ ip: '10.1.2.4' })).toEqual({
      allowed: false,
      reason: 'Access restricted to specific IPs',
      checks: checks('ips'),
    });
    expect(await ask({ ip: '192.0.2.7', at: '2199-01-31T12:00:00Z' })).toEqual({
      allowed: false,
      reason: 'Access restricted to specific subnets',
      checks: checks('subnets', 'ips', 'expires'),
    });
    expect(await ask({ ip: '10.1.2.3', at: '2199-01-31T13:00:00+01:00' })).toMatchObject({
      reason: 'Access link has expired',
    });
    expect(await ask({ ip: '10.1.2.3', at: '2001-01-31T12:00:00Z' })).toMatchObject({ allowed: true });
  });

  it('takes no use and counts no refusal', async () => {
    const shared = await share(alice, { oneTimeUse: true, ips: ['127.0.0.1'] });
    for (const ip of ['127.0.0.1', '127.0.0.1', '10.0.0.1']) await check(shared.access.id, { ip });
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0, refusals: {}, lastUsedAt: null });
    expect((await follow(shared.link)).status).toBe(200);
    const free = await share(alice);
    for (const ip of ['127.0.0.1', '10.0.0.1']) await check(free.access.id, { ip });
    expect(await accessNow(alice, free)).toMatchObject({ uses: 0, refusals: {}, lastUsedAt: null });
    expect((await check(shared.access.id, { ip: '127.0.0.1' })).body).toMatchObject({
      allowed: false,
      reason: 'Access link has already been used',
    });
  });

  it.each([
    [{}, 'ip must be an IP address'],
    [{ ip: '10.1' }, 'ip must be an IP address'],
    [{ ip: '10.0.0.0/8' }, 'ip must be an IP address'],
    [{ ip: ['10.0.0.1'] }, 'ip must be an IP address'],
    [{ ip: '10.0.0.1', at: 'now' }, /^at must be a date and time/],
    [{ ip: '10.0.0.1', at: null }, /^at must be a date and time/],
    [{ ip: '10.0.0.1', when: 'now' }, /when should not exist/],
  ])('refuses %j', async (body, text) => {
    const { access } = await share(alice);
    const answer = await check(access.id, body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatch(text);
  });
});

describe('the counts', () => {
  /** Counts from outside how often rows of accesses are written. */
  async function countWrites(): Promise<{ count(): Promise<number>; stop(): Promise<void> }> {
    await drive.probe.run('CREATE TABLE writes (n INTEGER)');
    const body =
      testEngine() === 'sqlite' ? 'BEGIN INSERT INTO writes VALUES (1); END' : 'INSERT INTO writes VALUES (1)';
    await drive.probe.run(`CREATE TRIGGER count_writes AFTER UPDATE ON accesses FOR EACH ROW ${body}`);
    return {
      count: async () => (await drive.probe.rows<{ n: number }>('SELECT COUNT(*) AS n FROM writes'))[0]!.n,
      async stop() {
        await drive.probe.run('DROP TRIGGER count_writes');
        await drive.probe.run('DROP TABLE writes');
      },
    };
  }

  it('tell the reasons of refusals, and nothing about who was refused', async () => {
    const shared = await share(alice, { ips: ['10.0.0.1'] });
    await parallel(3, () => follow(shared.link));
    await alice.put(`/api/accesses/${shared.access.id}`, { ips: [], subnets: ['10.0.0.0/8'] });
    await parallel(2, () => follow(shared.link));
    await alice.put(`/api/accesses/${shared.access.id}`, { public: false });
    await follow(shared.link);
    expect((await accessNow(alice, shared)).refusals).toEqual({ ips: 3, subnets: 2, public: 1 });
    const { body } = await alice.get(`/api/files/${shared.file.id}/accesses`);
    expect(body.accesses[0].refusals).toEqual({ ips: 3, subnets: 2, public: 1 });
    const [row] = await drive.probe.rows('SELECT * FROM accesses WHERE id = ?', [shared.access.id]);
    expect(JSON.stringify(row)).not.toContain('127.0.0.1');
  });

  it('cost no write for each request', async () => {
    const [free, refused] = [await share(alice), await share(alice, { ips: ['10.0.0.1'] })];
    const writes = await countWrites();
    try {
      const started = Date.now();
      const answers = await parallel(300, (index) => follow(index % 2 ? free.link : refused.link));
      expect(tally(answers)).toEqual({ 200: 150, 403: 150 });
      expect((await accessNow(alice, free)).uses).toBe(150);
      expect((await accessNow(alice, refused)).refusals).toEqual({ ips: 150 });
      const seconds = Math.ceil((Date.now() - started) / 1000);
      expect(await writes.count()).toBeLessThanOrEqual(2 * (seconds + 1));
    } finally {
      await writes.stop();
    }
  });

  it('are written without anybody asking for them', async () => {
    const shared = await share(alice);
    await follow(shared.link);
    await expect
      .poll(() => drive.probe.rows('SELECT uses FROM accesses WHERE id = ?', [shared.access.id]))
      .toEqual([{ uses: 1 }]);
  });

  it('fail no request while the database cannot take them, and come later', async () => {
    const [free, refused] = [await share(alice), await share(alice, { ips: ['10.0.0.1'] })];
    const lift = await drive.probe.plantFault('UPDATE', 'accesses');
    try {
      expect((await follow(free.link)).status).toBe(200);
      expect((await follow(refused.link)).status).toBe(403);
      expect(await accessNow(alice, free)).toMatchObject({ uses: 0 });
      expect(await accessNow(alice, refused)).toMatchObject({ refusals: {} });
    } finally {
      await lift();
    }
    expect(await accessNow(alice, free)).toMatchObject({ uses: 1 });
    expect(await accessNow(alice, refused)).toMatchObject({ refusals: { ips: 1 } });
  });

  it('are not lost at a stop', async () => {
    const own = await Drive.start();
    const bob = await own.signUp('bob');
    const [free, refused] = [await share(bob), await share(bob, { ips: ['10.0.0.1'] })];
    await parallel(4, (index) => follow(index % 2 ? free.link : refused.link));
    const again = await own.restart();
    try {
      expect(await again.probe.rows('SELECT uses, refusals FROM accesses ORDER BY id')).toEqual([
        { uses: 2, refusals: '{}' },
        { uses: 0, refusals: '{"ips":2}' },
      ]);
    } finally {
      await again.destroy();
    }
  });
});
