import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { accessNow, expectRefusal, follow, share, shareAgain } from '../support/sharing.js';

let alice: Client;

const drive = driveFixture();

/** An owner of the test's own. */
const owner = async () => (alice = await drive.newcomer());

describe('a link without a limit', () => {
  it('gives the bytes as an attachment that no browser shows, sniffs or keeps', async () => {
    const { link, file } = await share(await owner(), {}, { name: "it's 100% ü 🖨.html", bytes: '<script>1</script>' });
    const answer = await follow(link);
    expect([answer.status, answer.bytes.toString()]).toEqual([200, '<script>1</script>']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': '18',
      etag: `"${file.sha256}"`,
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
    });
    const disposition = answer.headers.get('content-disposition')!;
    expect(disposition).toMatch(/^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[\w%.'!~*()-]+$/);
    expect(decodeURIComponent(disposition.split("UTF-8''")[1]!)).toBe(file.name);
  });

  it('can be resumed, revalidated and asked for its headers', async () => {
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251));
    const { link, file, access } = await share(await owner(), {}, { bytes });
    const etag = `"${file.sha256}"`;
    const get = (headers: Record<string, string>, method = 'GET') => follow(link, { method, headers });

    const first = await get({ range: 'bytes=0-99999' });
    const rest = await get({ range: 'bytes=100000-', 'if-range': etag });
    expect([first.status, rest.status]).toEqual([206, 206]);
    expect(rest.headers.get('content-range')).toBe('bytes 100000-199999/200000');
    expect(Buffer.concat([first.bytes, rest.bytes]).equals(bytes)).toBe(true);

    const changed = await get({ range: 'bytes=100000-', 'if-range': '"another"' });
    expect([changed.status, changed.bytes.length]).toEqual([200, 200_000]);
    const known = await get({ 'if-none-match': etag });
    expect([known.status, known.bytes.length]).toEqual([304, 0]);
    const beyond = await get({ range: 'bytes=200000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */200000']);
    const head = await get({}, 'HEAD');
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([200, '200000', etag]);

    // The first part and the whole; what goes on with a download is no other one.
    expect(await accessNow(alice, { access })).toMatchObject({ uses: 2, remainingUses: null, used: false });
  });

  it('gives an empty file', async () => {
    const { link } = await share(await owner(), {}, { bytes: '' });
    const answer = await follow(link);
    expect([answer.status, answer.headers.get('content-length'), answer.bytes.length]).toEqual([200, '0', 0]);
  });
});

describe('a link', () => {
  const PAST = Date.UTC(2001, 0, 1);

  it.each([
    ['public', { public: false }, 'Access denied: file or access is not public'],
    ['subnets', { subnets: ['10.0.0.0/8', '::/0'] }, 'Access restricted to specific subnets'],
    ['ips', { ips: ['127.0.0.2', '::1'] }, 'Access restricted to specific IPs'],
  ])('is refused by %s, before a byte is sent', async (rule, settings, text) => {
    const shared = await share(await owner(), settings);
    expectRefusal(await follow(shared.link), 403, text);
    expect((await follow(shared.link, { method: 'HEAD' })).status).toBe(403);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0, lastUsedAt: null, refusals: { [rule]: 2 } });
  });

  it.each([[{}], [{ oneTimeUse: true }]])('with %j is closed by the clock, and by nothing else', async (settings) => {
    const shared = await share(await owner(), { ...settings, expires: '2199-01-31T12:00:00Z' });
    const setExpiry = (time: number) =>
      drive.probe.run('UPDATE accesses SET expiresAt = ? WHERE id = ?', [time, shared.access.id]);
    await setExpiry(PAST);
    expectRefusal(await follow(shared.link), 403, 'Access link has expired');
    await setExpiry(Date.now() + 60_000);
    expect((await follow(shared.link)).status).toBe(200);
  });

  it('works from a listed network and address', async () => {
    const settings = { subnets: ['10.0.0.0/8', '127.0.0.0/8'], ips: ['::ffff:127.0.0.1'] };
    expect((await follow((await share(await owner(), settings)).link)).status).toBe(200);
  });

  it('opens and closes at once with its access and its file', async () => {
    const shared = await share(await owner());
    for (const path of [`/api/accesses/${shared.access.id}`, `/api/files/${shared.file.id}/access`]) {
      await alice.put(path, { public: false });
      expectRefusal(await follow(shared.link), 403, 'Access denied: file or access is not public');
      await alice.put(path, { public: true });
      expect((await follow(shared.link)).status).toBe(200);
    }
  });

  it('answers alike for what never was and what is no more, deleted or disabled', async () => {
    const disabled = await share(await owner());
    await drive.probe.run('UPDATE users SET disabled = 1 WHERE username = ?', [alice.username]);
    const deletedFile = await share(await owner());
    const deletedAccess = await share(alice);
    await alice.delete(`/api/files/${deletedFile.file.id}`);
    await alice.delete(`/api/accesses/${deletedAccess.access.id}`);
    const links = [deletedFile, deletedAccess, disabled].map(({ link }) => link);
    const malformed = ['f', 'F'.repeat(32), 'g'.repeat(32), 'f'.repeat(33), 'f'.repeat(2_000), '%00'];
    for (const hash of ['f'.repeat(32), ...malformed]) links.push(`${drive.url}/link/${hash}`);
    for (const link of links) expectRefusal(await follow(link), 404, 'Access link not found');
    await drive.probe.run('UPDATE users SET disabled = 0');
    expect((await follow(disabled.link)).status).toBe(200);
  });

  it('never leads to a later file of the same name', async () => {
    const old = await share(await owner(), {}, { name: 'report.pdf', bytes: 'old' });
    const oldOnce = await shareAgain(alice, old.file.id, { oneTimeUse: true });
    await alice.delete(`/api/files/${old.file.id}`);
    const next = await share(alice, {}, { name: 'report.pdf', bytes: 'new' });
    for (const { link } of [old, oldOnce]) expectRefusal(await follow(link), 404, 'Access link not found');
    expect((await follow(next.link)).bytes.toString()).toBe('new');
  });

  it('needs no token, and takes none for an answer', async () => {
    const shared = await share(await owner(), { public: false });
    expect((await alice.fetch(new URL(shared.link).pathname)).status).toBe(403);
  });
});
