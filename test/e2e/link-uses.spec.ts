import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { published } from '../support/published.js';
import { accessNow, follow, parallel, share, tally } from '../support/sharing.js';
import { bytes, json, ticketOf, ticketsIn, use } from '../support/tickets.js';

let alice: Client;

const drive = driveFixture({ LINK_LIMIT: '1000/1m' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const tickets = () => ticketsIn(drive);

describe('the button', () => {
  it.each([
    ['without a body', {}],
    ['with an empty object', { body: '{}', headers: { 'content-type': 'application/json' } }],
  ])('%s takes a use, and gives an address for a day', async (_, init) => {
    const shared = await share(alice, { oneTimeUse: true });
    const answer = await use(shared.link, init);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    const { content, expiresAt, ...rest } = json(answer);
    expect(rest).toEqual({});
    expect(content).toMatch(new RegExp(`^/link/${shared.access.hash}/content\\?ticket=[0-9a-f]{32}$`));
    expect(Date.parse(expiresAt) - Date.now()).toBeGreaterThan(86_000_000);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1, used: true });
    const again = await use(shared.link);
    expect([again.status, json(again)]).toMatchObject([403, published('Access link has already been used')]);
    expect((await follow(shared.link)).status).toBe(403);
    // Whoever reads the database finds no ticket in it.
    const rows = (await tickets()).filter(({ accessId }) => accessId === shared.access.id);
    expect(rows).toHaveLength(1);
    expect(JSON.stringify(rows)).not.toContain(content.slice(-32));
  });

  it('as a plain form leads there by itself', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    const form = { body: new URLSearchParams({ password: '' }), redirect: 'manual' as const };
    const answer = await use(shared.link, form);
    expect([answer.status, answer.bytes.length]).toEqual([303, 0]);
    const address = new URL(answer.headers.get('location')!, `${shared.link}/use`).href;
    expect(address).toMatch(new RegExp(`^${shared.link}/content\\?ticket=[0-9a-f]{32}$`));
    expect((await follow(address)).bytes.toString()).toBe(`bytes of ${shared.file.name}`);
    const refused = await use(shared.link, form);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([403, 'text/html; charset=utf-8']);
    expect(refused.bytes.toString()).toContain('This link has already been used');
    expect(refused.bytes.toString()).not.toContain(shared.file.name);
  });

  it('takes none where something is wrong with the request', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    const bad: [RequestInit, number][] = [
      [{ body: '{"password":1}', headers: { 'content-type': 'application/json' } }, 400],
      [{ body: '{"more":"1"}', headers: { 'content-type': 'application/json' } }, 400],
      [{ body: '{', headers: { 'content-type': 'application/json' } }, 400],
      [{ body: new URLSearchParams({ password: 'x'.repeat(10_000) }) }, 413],
      [{ body: new URLSearchParams({ more: '1' }) }, 400],
    ];
    for (const [init, status] of bad) expect((await use(shared.link, init)).status).toBe(status);
    expect((await use(`${drive.url}/link/${'0'.repeat(32)}`)).status).toBe(404);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
  });

  it('takes none when the bytes cannot be had', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    await drive.probe.run('UPDATE files SET size = size + 1 WHERE id = ?', [shared.file.id]);
    expect((await use(shared.link)).status).toBe(500);
    await drive.probe.run('UPDATE files SET size = size - 1 WHERE id = ?', [shared.file.id]);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
  });

  it('takes none, and gives no ticket, when either cannot be written', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    const before = (await tickets()).length;
    const lift = await drive.probe.plantFault('INSERT', 'tickets');
    expect((await use(shared.link)).status).toBe(500);
    await lift();
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
    expect(await tickets()).toHaveLength(before);
    expect((await use(shared.link)).status).toBe(200);
  });
});

describe('a link without a limit', () => {
  it('counts what begins with the first byte, and no later part, 304 or HEAD', async () => {
    const shared = await share(alice, {}, { bytes });
    const etag = `"${shared.file.sha256}"`;
    const asks: [Record<string, string>, string, number, number][] = [
      [{}, 'GET', 200, 1],
      [{ range: 'bytes=0-9' }, 'GET', 206, 2],
      [{ range: 'bytes=-200000' }, 'GET', 206, 3],
      [{ range: 'bytes=1-' }, 'GET', 206, 3],
      [{ range: 'bytes=-5' }, 'GET', 206, 3],
      [{ 'if-none-match': etag }, 'GET', 304, 3],
      [{}, 'HEAD', 200, 3],
      [{ range: 'bytes=200000-' }, 'GET', 416, 3],
    ];
    for (const [headers, method, status, uses] of asks) {
      expect((await follow(shared.link, { headers, method })).status).toBe(status);
      expect(await accessNow(alice, shared)).toMatchObject({ uses });
    }
    await follow(await ticketOf(shared.link));
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 4 });
  });

  it('gives a network so many tickets a minute, and bytes as ever', async () => {
    const other = await Drive.start({ LINK_LIMIT: '1/1m' });
    try {
      const shared = await share(await other.signUp('bob'));
      const answers = await parallel(12, () => use(shared.link));
      expect(tally(answers)).toEqual({ 200: 10, 429: 2 });
      expect((await follow(shared.link)).status).toBe(200);
      expect(await other.probe.rows('SELECT * FROM tickets')).toHaveLength(10);
    } finally {
      await other.destroy();
    }
  });
});

describe('a browser that is logged in', () => {
  it('is a stranger to a link: nobody looks at its cookie', async () => {
    const shared = await share(alice, { ips: ['10.0.0.1'] });
    const account = { username: 'alice', password: 'correct horse battery' };
    const session = await drive.anonymous().post('/api/session', account);
    const cookie = session.headers.getSetCookie()[0]!.split(';')[0]!;
    expect(cookie).toMatch(/^defdrive=/);
    for (const value of [cookie, 'defdrive=nonsense']) {
      // A page of another site could send this form; it takes no more than the link itself gives.
      const headers = { cookie: value, 'sec-fetch-site': 'cross-site' };
      expect((await follow(shared.link, { headers })).status).toBe(403);
      await alice.put(`/api/accesses/${shared.access.id}`, { ips: [] });
      expect((await use(shared.link, { headers })).status).toBe(200);
      await alice.put(`/api/accesses/${shared.access.id}`, { ips: ['10.0.0.1'] });
    }
  });
});
