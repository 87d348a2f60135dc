import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { NAVIGATION, plainly } from '../support/pages.js';
import { published } from '../support/published.js';
import { Server } from '../support/server.js';
import { accessNow, follow, parallel, share, shareAgain, tally } from '../support/sharing.js';
import { bytes, json, ticketOf, ticketsIn, use } from '../support/tickets.js';

let alice: Client;

const drive = driveFixture({ LINK_LIMIT: '1000/1m' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const tickets = () => ticketsIn(drive);

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
