import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { NAVIGATION, plainly, PREVIEWS, PROGRAMS } from '../support/pages.js';
import { accessNow, parallel, share, shareAgain } from '../support/sharing.js';

let alice: Client;

const drive = driveFixture({ LINK_LIMIT: '1000/1m', WEB: 'off' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const titleOf = (text: string) => /<h1>(.*?)<\/h1>/s.exec(text)?.[1];
const navigate = (url: string, headers: Record<string, string> = {}) => plainly(url, { ...NAVIGATION, ...headers });

describe('whoever goes to a link', () => {
  it('as a person gets a page, which takes no use', async () => {
    const shared = await share(
      alice,
      { oneTimeUse: true },
      { name: 'Report 2026.pdf', bytes: Buffer.alloc(1_234_567) },
    );
    const page = await navigate(shared.link);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(titleOf(page.text)).toContain('Report 2026.pdf');
    for (const said of ['1.23 MB', '1 download', shared.file.sha256, `link/${shared.access.hash}/use`])
      expect(page.text).toContain(said);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
    expect((await plainly(shared.link)).text).toHaveLength(1_234_567);
  });

  it('with an old browser, which says no more than what it accepts, gets it too', async () => {
    const { link } = await share(alice, {}, { bytes: 'bytes' });
    const { accept } = NAVIGATION;
    expect((await plainly(link, { accept })).headers['content-type']).toBe('text/html; charset=utf-8');
    expect((await plainly(link, { accept: 'text/html' })).text).toBe('bytes');
    expect((await plainly(link, { accept, 'sec-fetch-mode': 'cors' })).text).toBe('bytes');
    expect((await plainly(link, { accept, range: 'bytes=0-' })).status).toBe(206);
  });

  it.each(PREVIEWS)('as %s gets it, and takes no use', async (userAgent) => {
    const shared = await share(alice, { oneTimeUse: true });
    for (const headers of [{}, { range: 'bytes=0-524287' }] as Record<string, string>[]) {
      const page = await plainly(shared.link, { 'user-agent': userAgent, ...headers });
      expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.text).toContain(`property="og:title" content="${shared.file.name}"`);
    }
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
  });

  it.each(PROGRAMS)('as %s gets the bytes, as ever', async (userAgent) => {
    const shared = await share(alice, { oneTimeUse: true });
    const answer = await plainly(shared.link, { 'user-agent': userAgent, accept: '*/*' });
    expect([answer.status, answer.text]).toEqual([200, `bytes of ${shared.file.name}`]);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1 });
  });

  it('and only looks, a thousand times, takes no use', async () => {
    const shared = await share(alice, { enableTTL: true, ttl: 1 });
    const looks = await parallel(1_000, (index) =>
      index % 2 ? navigate(shared.link) : plainly(shared.link, { 'user-agent': PREVIEWS[index % PREVIEWS.length]! }),
    );
    expect(looks.every(({ status }) => status === 200)).toBe(true);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0, remainingUses: 1, lastUsedAt: null });
    expect((await plainly(shared.link)).text).toBe(`bytes of ${shared.file.name}`);
  });

  it('gets by HEAD the headers of what GET would give', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    const page = await navigate(shared.link);
    const head = await plainly(shared.link, NAVIGATION, 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
    for (const name of ['content-type', 'content-length', 'content-security-policy'])
      expect(head.headers[name]).toBe(page.headers[name]);
  });
});

describe('a page', () => {
  it('lets nothing be run, framed, kept or told on, and fits into 10 KiB with all that it needs', async () => {
    const { link } = await share(alice, { enableTTL: true, ttl: 3, expires: '2199-01-31T12:00:00Z' });
    const page = await navigate(link);
    expect(page.headers).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none';.*frame-ancestors 'none'/),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.text).not.toMatch(/\sstyle=|\son\w+=|<style|<script(?![^>]*src=)/);
    const assets = [...page.text.matchAll(/(?:href|src)="((?:\.\.\/)*link\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    expect(assets).toHaveLength(3);
    let weight = Buffer.byteLength(page.text);
    for (const path of assets) {
      const url = new URL(path, link);
      const { status, headers } = await plainly(url.href, { 'accept-encoding': 'gzip, br' });
      expect([status, headers['content-encoding']]).toEqual([200, 'br']);
      expect(headers['cache-control']).toContain('immutable');
      weight += Number(headers['content-length']);
      const packed = await fetch(url, { headers: { 'accept-encoding': 'br' } });
      const plain = await plainly(url.href);
      expect(plain.headers['content-encoding']).toBeUndefined();
      expect(await packed.text()).toBe(plain.text);
    }
    expect(weight).toBeLessThan(10 * 1024);
    expect((await plainly(new URL('/link/assets/pages.css', link).href)).status).toBe(404);
  });

  it.each([
    '<script>alert(1)</script>.txt',
    `"><img src=x onerror='alert(1)'>.txt`,
    '&lt;b&gt; & \'quoted\' "twice".txt',
    '</title><h1>.txt',
  ])('shows the name %s, and no markup of it', async (given) => {
    const name = given.replaceAll('/', '⁄');
    const { link, file } = await share(alice);
    // Not by an upload: a form's own encoding would spare us the quotation marks.
    await drive.probe.run('UPDATE files SET name = ? WHERE id = ?', [name, file.id]);
    const { text } = await navigate(link);
    expect(text).not.toContain(name);
    const shown = name
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;');
    expect(titleOf(text)).toBe(`<bdi>${shown}</bdi>`);
    expect(text).toContain(`<title>${shown} –`);
    expect(text).toContain(`property="og:title" content="${shown}"`);
  });

  it('finds what it needs from wherever it stands, also below a path of a proxy', async () => {
    const { link, access } = await share(alice);
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...NAVIGATION };
    const pages: [string, string, string?][] = [
      [link, 'GET'],
      [`${link}/`, 'GET'],
      [`${link}/use`, 'POST', 'more=1'],
      [`${link}/content?ticket=/`, 'GET'],
      [`${drive.url}/no/such/page/`, 'GET'],
      [`${drive.url}/nothing`, 'GET'],
    ];
    for (const [url, method, body] of pages) {
      const { text } = await plainly(url, method === 'POST' ? form : NAVIGATION, method, body);
      const below = url.replace(drive.url, 'https://example.org/drive');
      for (const [, path] of text.matchAll(/(?:href|src)="([^"]*link\/assets\/[^"]+)"/g))
        expect(new URL(path!, below).pathname, url).toMatch(/^\/drive\/link\/assets\/[^/]+$/);
      const action = /action="([^"]+)"/.exec(text)?.[1];
      if (action) expect(new URL(action, below).pathname).toBe(`/drive/link/${access.hash}/use`);
    }
  });

  it.each([
    ['de-CH,de;q=0.9,en;q=0.5', 'de', 'ltr', 'Herunterladen', '1,5 kB'],
    ['fr', 'fr', 'ltr', 'Télécharger', '1,5 ko'],
    ['es-MX', 'es', 'ltr', 'Descargar', '1,5 kB'],
    ['ja', 'ja', 'ltr', 'ダウンロード', '1.5 KB'],
    ['ar-EG, en;q=0.1', 'ar', 'rtl', 'تنزيل', ''],
    ['tlh', 'en', 'ltr', 'Download', '1.5 kB'],
    ['*', 'en', 'ltr', 'Download', '1.5 kB'],
    [';;;=,q', 'en', 'ltr', 'Download', '1.5 kB'],
  ])('speaks to %s in %s', async (asked, language, direction, button, size) => {
    const { link } = await share(alice, { enableTTL: true, ttl: 2 }, { bytes: 'x'.repeat(1_500) });
    const { text, headers } = await navigate(link, { 'accept-language': asked });
    expect(headers['content-language']).toBe(language);
    expect(text).toContain(`<html lang="${language}" dir="${direction}">`);
    expect(text).toMatch(new RegExp(`<button type="submit">\\s*${button}\\s*</button>`));
    expect(text.replaceAll(/[\u00a0\u202f]/g, ' ')).toContain(size);
  });
});

describe('a refusal', () => {
  it('is a page for a person, with the same status, and names nothing of the file', async () => {
    const secret = { name: 'very secret plan.pdf' };
    const shared = await share(alice, { oneTimeUse: true }, secret);
    const { id } = shared.file;
    await plainly(shared.link);
    const refused: [string, number, string][] = [
      [shared.link, 403, 'This link has already been used'],
      [(await shareAgain(alice, id, { ips: ['10.0.0.1'] })).link, 403, 'This link does not open from here'],
      [(await shareAgain(alice, id, { subnets: ['10.0.0.0/8'] })).link, 403, 'This link does not open from here'],
      [(await shareAgain(alice, id, { public: false })).link, 403, 'This link is closed'],
      [`${drive.url}/link/${'0'.repeat(32)}`, 404, 'There is nothing behind this link'],
      [`${drive.url}/link/nonsense`, 404, 'There is nothing behind this link'],
      [`${shared.link}/content?ticket=${'0'.repeat(32)}`, 404, 'There is nothing behind this link'],
      [`${drive.url}/no/such/page`, 404, 'There is no page here'],
    ];
    for (const [url, status, title] of refused) {
      const page = await navigate(url);
      expect([page.status, titleOf(page.text)], url).toEqual([status, title]);
      expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
      expect(page.text).not.toContain('secret');
      const program = await plainly(url);
      expect([program.status, JSON.parse(program.text).error]).toEqual([status, expect.any(String)]);
    }
    for (const path of ['/api/nothing', '/api/files', '/docs/nothing']) {
      expect((await navigate(`${drive.url}${path}`)).headers['content-type']).toMatch(/^application\/json/);
    }
  });
});
