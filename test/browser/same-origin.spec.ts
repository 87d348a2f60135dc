import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { theBrowser } from '../support/visitor.js';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
}

/** Sends a request as a page's script can, with cookies and without asking first. @returns whether anything came back */
const SEND = ({ url, method, body, type }: Request & { url: string }) =>
  fetch(url, {
    method,
    body,
    credentials: 'include',
    mode: 'no-cors',
    headers: type ? { 'content-type': type } : {},
  }).then(
    () => true,
    () => false,
  );

/** What the drive itself is asked with: the same requests, from its own page. */
const ASK = ({ url, method, body, type }: Request & { url: string }) =>
  fetch(url, { method, body, headers: type ? { 'content-type': type } : {} }).then((response) => response.status);

/** Sends a form as a page can without any script. */
const SUBMIT = (url: string) => {
  const form = Object.assign(document.createElement('form'), { method: 'post', action: url });
  document.body.append(form);
  form.submit();
};

describeWith('chromium', 'a logged-in browser on somebody else’s page', () => {
  const drive = driveFixture();
  let elsewhere: Server;
  let port: number;
  /** How the drive answered each request that came with a cookie. */
  const answered: { cookie: boolean; site: string; status: number }[] = [];

  beforeAll(async () => {
    drive.app
      .getHttpAdapter()
      .getHttpServer()
      .on('request', (request: any, response: any) => {
        response.on('finish', () =>
          answered.push({
            cookie: String(request.headers.cookie ?? '').includes('defdrive='),
            site: request.headers['sec-fetch-site'],
            status: response.statusCode,
          }),
        );
      });
    elsewhere = createServer((_request, response) =>
      response.setHeader('content-type', 'text/html').end('<p>Elsewhere'),
    );
    elsewhere.listen(0);
    await once(elsewhere, 'listening');
    port = (elsewhere.address() as AddressInfo).port;
  });
  afterAll(() => void elsewhere?.close());

  /** A browser with a session, and everything in the account that a request could touch. */
  async function person(username: string) {
    const client = await drive.signUp(username);
    const file = await client.file('a.txt', 'the bytes');
    const { access } = (await client.post(`/api/files/${file.id}/accesses`, { public: true })).body;
    const context = await (await theBrowser()).newContext();
    const own = await context.newPage();
    await own.goto(drive.url);
    const body = JSON.stringify({ username, password: PASSWORD });
    const request = { method: 'POST', path: '', body, type: 'application/json' };
    expect(await own.evaluate(ASK, { ...request, url: `${drive.url}/api/session` })).toBe(200);
    return { client, context, own, file, access };
  }

  /** Everything of the account that an unsafe method could change. */
  async function world(client: Client) {
    const tables = ['files', 'accesses', 'sessions', 'apiTokens', 'uploads', 'receipts', 'requestKeys'];
    const rows = await Promise.all(
      tables.map(async (table) => [table, (await drive.probe.rows(`SELECT * FROM ${table}`)).length]),
    );
    const { user } = (await client.get('/api/user')).body;
    const { files } = (await client.get('/api/files')).body;
    return { rows, user, files, blobs: await drive.blobs() };
  }

  const unsafe = (fileId: number, accessId: number): Request[] => [
    { method: 'POST', path: '/api/logout' },
    { method: 'POST', path: '/api/files/delete', body: JSON.stringify({ ids: [fileId] }), type: 'text/plain' },
    {
      method: 'POST',
      path: '/api/upload',
      body: '--b\r\nContent-Disposition: form-data; name="file"; filename="b.txt"\r\n\r\nx\r\n--b--\r\n',
      type: 'multipart/form-data; boundary=b',
    },
    { method: 'POST', path: `/api/files/${fileId}/accesses`, body: '{}', type: 'text/plain' },
    { method: 'POST', path: '/api/user/tokens', body: '{"name":"x","scopes":["files:read"]}', type: 'text/plain' },
    { method: 'DELETE', path: `/api/files/${fileId}` },
    { method: 'DELETE', path: `/api/accesses/${accessId}` },
    { method: 'PUT', path: `/api/files/${fileId}/access`, body: '{"public":true}', type: 'application/json' },
    { method: 'PATCH', path: '/api/user', body: '{"name":"Eve"}', type: 'application/json' },
    { method: 'DELETE', path: '/api/user', body: JSON.stringify({ password: PASSWORD }), type: 'application/json' },
  ];

  async function visit(context: BrowserContext, host: string): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://${host}:${port}`);
    return page;
  }

  // The cookie comes along from another port of the same host, which is the same site: only the server can refuse.
  it.each([
    ['another port of the same host', '127.0.0.1', { cookie: true, site: 'same-site' }],
    ['another site', 'localhost', { cookie: false, site: 'cross-site' }],
  ])(
    'changes nothing from %s',
    async (_where, host, came) => {
      const { client, context, own, file, access } = await person(`at-${host.replaceAll('.', '-')}`);
      const before = await world(client);
      const page = await visit(context, host);
      answered.length = 0;
      const requests = unsafe(file.id, access.id);
      for (const request of requests) await page.evaluate(SEND, { ...request, url: `${drive.url}${request.path}` });
      const refused = answered.filter(({ site }) => site === came.site);
      // What needs a preflight does not even get so far: PUT, PATCH and DELETE.
      expect(refused).toEqual(
        requests.filter(({ method }) => method === 'POST').map(() => ({ ...came, status: came.cookie ? 403 : 401 })),
      );
      await page.evaluate(SUBMIT, `${drive.url}/api/logout`);
      await page.waitForURL(`${drive.url}/api/logout`);
      expect(await page.textContent('body')).toContain(
        came.cookie ? 'Cross-site request refused' : 'User not authenticated',
      );
      expect(await world(client)).toEqual(before);
      // The session lives, and from the drive's own page each of them is taken.
      expect(await own.evaluate(ASK, { method: 'GET', path: '', url: `${drive.url}/api/user` })).toBe(200);
      const rename = {
        method: 'PATCH',
        path: '',
        body: '{"name":"Ada"}',
        type: 'application/json',
        url: `${drive.url}/api/user`,
      };
      expect(await own.evaluate(ASK, rename)).toBe(200);
      await context.close();
    },
    60_000,
  );

  it('changes nothing by a beacon either', async () => {
    const { client, context } = await person('beacon');
    const before = await world(client);
    const page = await visit(context, '127.0.0.1');
    answered.length = 0;
    await page.evaluate((url) => navigator.sendBeacon(`${url}/api/logout`), drive.url);
    await expect.poll(() => answered.some(({ status, site }) => site === 'same-site' && status === 403)).toBe(true);
    expect(await world(client)).toEqual(before);
    await context.close();
  }, 60_000);
});
