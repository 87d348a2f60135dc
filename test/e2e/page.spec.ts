import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';

/** What the build made of apps/web. */
const BUILT = join(import.meta.dirname, '../../dist/apps/web');

const NAVIGATION = { 'sec-fetch-dest': 'document', 'sec-fetch-mode': 'navigate' };
const OLD_BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe.skipIf(!existsSync(BUILT))('the page, as the server hands it out', () => {
  const drive = driveFixture();

  const get = (path: string, headers: Record<string, string> = {}) => drive.anonymous().fetch(path, { headers });

  it.each(['/', '/files/7', '/links', '/receipts', '/account', '/admin', '/admin/people'])(
    'is there at %s, under a strict policy, and never from a cache that was not asked about',
    async (path) => {
      const response = await get(path);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      const policy = response.headers.get('content-security-policy')!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(await response.text()).toContain('<div id="app">');
    },
  );

  it('finds its files from every depth, so that it works below any path', async () => {
    for (const path of ['/', '/files/7', '/admin/people']) {
      const html = await (await get(path)).text();
      const addresses = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!);
      expect(addresses.length).toBeGreaterThan(3);
      for (const address of addresses) {
        expect(address).toMatch(/^\.\.?\//);
        const behindAProxy = new URL(address, `http://host.test/drive${path}`).pathname;
        expect(behindAProxy).toMatch(/^\/drive\//);
        const response = await get(behindAProxy.replace('/drive', ''));
        expect(response.status, address).toBe(200);
        await response.arrayBuffer();
      }
    }
  });

  it('tells in its header what the document is going to ask for, and to whom it may know who that is', async () => {
    const told = async (path: string, headers: Record<string, string> = {}) => {
      const response = await get(path, headers);
      const targets = response.headers
        .get('link')!
        .split(', ')
        .map((link) => link.slice(1, link.indexOf('>')));
      return { targets, known: (await response.text()).includes('<html data-known ') };
    };
    for (const path of ['/', '/files/7']) {
      const { targets, known } = await told(path);
      const html = await (await get(path)).text();
      expect(targets.length).toBeGreaterThanOrEqual(3);
      for (const target of targets) expect(html).toContain(`"${target}"`);
      expect(known).toBe(false);
      expect((await told(path, { cookie: 'another=1' })).targets).toEqual(targets);
      const mine = await told(path, { cookie: 'defdrive=whoever' });
      const asked = path === '/' ? ['./api/user', './api/files?position=0&limit=100&sort=-createdAt'] : ['../api/user'];
      expect(mine).toEqual({ targets: [...targets, ...asked], known: true });
    }
  });

  it('says first of all in its scripts that they are run at once, so that they are compiled while they come in', async () => {
    const html = await (await get('/')).text();
    const scripts = [...html.matchAll(/"\.(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path!);
    expect(scripts).toHaveLength(2);
    for (const path of scripts) expect(await (await get(path)).text()).toMatch(/^\/\/# allFunctionsCalledOnLoad\n/);
  });

  it('hands its files out small, and for ever where their names change with them', async () => {
    const script = readdirSync(join(BUILT, 'assets')).find((name) => /^page.*\.js$/.test(name))!;
    const hashed = await get(`/assets/${script}`, { 'accept-encoding': 'br' });
    expect(hashed.headers.get('content-encoding')).toBe('br');
    expect(hashed.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(hashed.headers.get('content-type')).toContain('javascript');
    expect((await get('/manifest.webmanifest')).headers.get('cache-control')).toBe('no-cache');
    expect((await get('/worker.js')).status).toBe(200);
  });

  it.each([NAVIGATION, OLD_BROWSER])('tells a person who went astray so, in the page itself (%o)', async (headers) => {
    // Not by `fetch`, which says of itself what it is.
    const request = httpRequest(`${drive.url}/no/such/place`, { headers }).end();
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(404);
    expect(response.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(await text(response)).toContain('<div id="app">');
  });

  it.each([
    ['/no/such/place', {}],
    ['/no/such/place', { accept: '*/*' }],
    ['/no/such/place', { ...OLD_BROWSER, 'sec-fetch-dest': 'empty' }],
    ['/api/nowhere', NAVIGATION],
    ['/screens.json', {}],
    ['/index.html', {}],
  ])('answers a program as ever: %s %o', async (path, headers) => {
    const response = await get(path, headers);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: 'Not found' });
  });

  it('says before anybody asks whether accounts can be made here', async () => {
    expect(await (await get('/')).text()).toContain('<html data-sign-up="open"');
    const closed = await Drive.start({ SIGNUP: 'closed' });
    try {
      expect(await (await closed.anonymous().fetch('/')).text()).toContain('<html data-sign-up="closed"');
    } finally {
      await closed.destroy();
    }
  });

  it('is not there with WEB=off', async () => {
    const without = await Drive.start({ WEB: 'off' });
    try {
      const response = await without.anonymous().fetch('/', { headers: NAVIGATION });
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain('<div id="app">');
    } finally {
      await without.destroy();
    }
  });
});
