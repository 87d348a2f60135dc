import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { NAVIGATION, plainly } from '../support/pages.js';
import { published } from '../support/published.js';
import { Server } from '../support/server.js';
import { accessNow, follow, parallel, share, shareAgain, tally } from '../support/sharing.js';

let drive: Drive;
let alice: Client;
const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251));

beforeAll(async () => {
  drive = await Drive.start({ LINK_LIMIT: '1000/1m' });
  alice = await drive.signUp('alice');
});
afterAll(() => drive.destroy());
afterEach(async () => expect(await drive.violations()).toEqual([]));

const use = (link: string, init: RequestInit = {}) => follow(`${link}/use`, { method: 'POST', ...init });
const json = ({ bytes: body }: { bytes: Buffer }) => JSON.parse(body.toString());
const tickets = () =>
  drive.probe.rows<{ accessId: number; expiresAt: number; secretHash: string }>('SELECT * FROM tickets');

/** Takes a use, and gives the address of its bytes. */
async function ticketOf(link: string): Promise<string> {
  const answer = await use(link);
  expect(answer.status).toBe(200);
  return new URL(json(answer).content, link).href;
}

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

describe('a ticket', () => {
  it('gives the bytes whole, in parts and again, and none of it is a further use', async () => {
    const shared = await share(alice, { oneTimeUse: true }, { bytes });
    const address = await ticketOf(shared.link);
    const etag = `"${shared.file.sha256}"`;
    const whole = await follow(address);
    expect([whole.status, whole.bytes.equals(bytes)]).toEqual([200, true]);
    expect(whole.headers.get('accept-ranges')).toBe('bytes');
    const first = await follow(address, { headers: { range: 'bytes=0-99999' } });
    const rest = await follow(address, { headers: { range: 'bytes=100000-', 'if-range': etag } });
    expect([first.status, rest.status]).toEqual([206, 206]);
    expect(Buffer.concat([first.bytes, rest.bytes]).equals(bytes)).toBe(true);
    const head = await follow(address, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '200000']);
    expect((await follow(address, { headers: { 'if-none-match': etag } })).status).toBe(304);
    // Also to a browser that goes there: it saves them.
    expect((await plainly(address, NAVIGATION)).headers['content-disposition']).toMatch(/^attachment/);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1 });
  });

  it.each<[string, string, number, string]>([
    ['UPDATE accesses SET public = 0', 'access', 403, 'Access denied: file or access is not public'],
    ['UPDATE files SET public = 0', 'file', 403, 'Access denied: file or access is not public'],
    ['UPDATE accesses SET expiresAt = 1', 'access', 403, 'Access link has expired'],
    [`UPDATE accesses SET subnets = '["10.0.0.0/8"]'`, 'access', 403, 'Access restricted to specific subnets'],
    [`UPDATE accesses SET ips = '["10.0.0.1"]'`, 'access', 403, 'Access restricted to specific IPs'],
    ['DELETE FROM accesses', 'access', 404, 'Access link not found'],
  ])('is asked every rule again: %s', async (change, of, status, text) => {
    const shared = await share(alice, { oneTimeUse: true });
    const address = await ticketOf(shared.link);
    await drive.probe.run(`${change} WHERE id = ?`, [of === 'file' ? shared.file.id : shared.access.id]);
    const answer = await follow(address);
    expect([answer.status, json(answer)]).toMatchObject([status, published(text)]);
  });

  it('goes with its access, its file and its owner', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    const other = await shareAgain(alice, shared.file.id);
    const addresses = [await ticketOf(shared.link), await ticketOf(other.link)];
    await alice.delete(`/api/accesses/${other.access.id}`);
    expect((await tickets()).map(({ accessId }) => accessId)).not.toContain(other.access.id);
    await alice.delete(`/api/files/${shared.file.id}`);
    expect((await tickets()).map(({ accessId }) => accessId)).not.toContain(shared.access.id);
    for (const address of addresses) expect((await follow(address)).status).toBe(404);
    const disabled = await share(alice);
    const address = await ticketOf(disabled.link);
    await drive.probe.run('UPDATE users SET disabled = 1');
    expect((await follow(address)).status).toBe(404);
    await drive.probe.run('UPDATE users SET disabled = 0');
    expect((await follow(address)).status).toBe(200);
  });

  it('is for a day, for its own link, and known only whole', async () => {
    const shared = await share(alice, { enableTTL: true, ttl: 9 });
    const other = await shareAgain(alice, shared.file.id);
    const address = await ticketOf(shared.link);
    const secret = address.slice(-32);
    const bad = [
      `${other.link}/content?ticket=${secret}`,
      `${shared.link}/content`,
      `${shared.link}/content?ticket=`,
      `${shared.link}/content?ticket=${secret.toUpperCase()}X`,
      `${shared.link}/content?ticket=${'0'.repeat(32)}`,
    ];
    for (const url of bad) expect([(await follow(url)).status, url]).toEqual([404, url]);
    await drive.probe.run('UPDATE tickets SET expiresAt = ? WHERE accessId = ?', [Date.now() - 1, shared.access.id]);
    expect((await follow(address)).status).toBe(404);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1 });
  });

  it('outlives a new limit and the end of the uses', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    const address = await ticketOf(shared.link);
    await alice.put(`/api/accesses/${shared.access.id}`, { enableTTL: true, ttl: 1, oneTimeUse: false });
    expect((await follow(address)).status).toBe(200);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
  });
});

describe('50 visitors at once, half with tickets and half with programs', () => {
  it.each([1, 3])('of a link for %i uses: so many get the bytes, and the others are told why', async (uses) => {
    const shared = await share(alice, { enableTTL: true, ttl: uses }, { bytes });
    const visit = async (index: number) => {
      if (index % 2) return follow(shared.link);
      const answer = await use(shared.link);
      return answer.status === 200 ? follow(new URL(json(answer).content, shared.link).href) : answer;
    };
    const answers = await parallel(50, visit);
    expect(tally(answers)).toEqual({ 200: uses, 403: 50 - uses });
    for (const answer of answers.filter(({ status }) => status === 200)) expect(answer.bytes.equals(bytes)).toBe(true);
    expect(await accessNow(alice, shared)).toMatchObject({ uses, remainingUses: 0 });
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

describe('the log', () => {
  it('never has a ticket or a link', async () => {
    const server = await Server.start(await Server.environment({ LOG_LEVEL: 'trace' }));
    try {
      const shared = await share(await server.client.signUp('bob'), {
        enableTTL: true,
        ttl: 5,
        password: 'open sesame',
      });
      const headers = { 'x-link-password': 'open%20sesame' };
      const answer = await use(shared.link, { headers });
      const { content } = json(answer);
      const address = new URL(content, shared.link).href;
      for (const asked of [address, `${address}&more=1`, address.replace('/content', '/contents')])
        await follow(asked, { headers: { referer: address } });
      await use(shared.link, { headers: { 'x-link-password': 'wrong' } });
      await use(shared.link, { body: new URLSearchParams({ password: 'open sesame' }), redirect: 'manual' });
      await server.kill('SIGTERM');
      expect(server.output).toContain('"event":"link-used"');
      for (const secret of [content.slice(-32), shared.access.hash, 'sesame'])
        expect(server.output).not.toContain(secret);
    } finally {
      await server.kill();
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
