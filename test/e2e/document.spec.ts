import { VERSION } from '@app/config';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { accessNow } from '../support/sharing.js';
import { ROUTES } from './route-table.js';

type Json = Record<string, any>;

let document: Json;
let operations: { method: string; path: string; operation: Json }[];
const drive = driveFixture();
beforeAll(async () => {
  document = (await drive.anonymous().get('/docs/json')).body;
  operations = Object.entries(document.paths as Json).flatMap(([path, methods]) =>
    Object.entries(methods as Json).map(([method, operation]) => ({ method, path, operation })),
  );
});

const schemaOf = (operation: Json): Json => {
  const { schema } = operation.requestBody.content['application/json'];
  return document.components.schemas[schema.$ref.split('/').at(-1)];
};

/** What Swagger UI sends when nobody changes anything: each property's example. */
const sample = (id: string): Json => {
  const schema = schemaOf(operations.find(({ operation }) => operation.operationId === id)!.operation);
  const shown = Object.entries(schema.properties as Json).filter(([, { example }]) => example !== undefined);
  return Object.fromEntries(shown.map(([name, { example }]) => [name, example]));
};

describe('the document', () => {
  it('is OpenAPI 3.1 of this very server, with an area for each operation', () => {
    expect([document.openapi, document.info.version]).toEqual(['3.1.0', VERSION]);
    expect(document.servers).toEqual([{ url: drive.url }]);
    const areas = (document.tags as Json[]).map(({ name }) => name);
    expect(operations.flatMap(({ operation }) => operation.tags).filter((tag) => !areas.includes(tag))).toEqual([]);
    expect(JSON.stringify(document)).not.toContain('"nullable"');
  });

  it('says of each operation who may call it, and which headers its answers have', () => {
    for (const { method, path, operation } of operations) {
      expect([method, path, operation.security]).toEqual([method, path, expect.any(Array)]);
      for (const [status, { headers }] of Object.entries(operation.responses as Json)) {
        const expected = ['X-Request-Id', ...(['429', '503'].includes(status) ? ['Retry-After'] : [])];
        expect([path, status, Object.keys(headers)]).toEqual([path, status, expect.arrayContaining(expected)]);
      }
    }
  });

  it('lets a bearer token or a cookie into each operation that asks who somebody is, and asks nobody elsewhere', () => {
    expect(document.components.securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: expect.any(String) },
      cookie: { type: 'apiKey', in: 'cookie', name: 'defdrive', description: expect.any(String) },
    });
    const expected = Object.entries(ROUTES).map(([route, asks]) => [
      route,
      // The metrics' own guard asks.
      asks === 'open' && route !== 'GET /api/metrics' ? [] : [{ bearer: [] }, { cookie: [] }],
    ]);
    const found = operations.map(({ method, path, operation }) => [
      `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ':$1')}`,
      operation.security,
    ]);
    const listed = found.filter(([route]) => (route as string) in ROUTES);
    const undocumented = expected.filter(([route]) => !found.some(([known]) => known === route));
    expect(Object.fromEntries(listed)).toEqual(
      Object.fromEntries(expected.filter((entry) => !undocumented.includes(entry))),
    );
    // What the pages of links are made with.
    expect(undocumented.map(([route]) => route)).toEqual(['GET /link/assets/:name']);
  });

  it('names the cookie as it is over https', async () => {
    const secure = await Drive.start({ PUBLIC_URL: 'https://drive.example.org', WEB: 'off' });
    const { body } = await new Client(`http://127.0.0.1:${secure.config.port}`).get('/docs/json');
    await secure.destroy();
    expect(body.components.securitySchemes.cookie.name).toBe('__Host-defdrive');
  });

  it('requires a body where there is something to say in it, and takes nothing else', () => {
    for (const { path, operation } of operations) {
      if (!operation.requestBody?.content['application/json']) continue;
      const { required = [], additionalProperties } = schemaOf(operation);
      expect([path, operation.requestBody.required, additionalProperties]).toEqual([path, required.length > 0, false]);
    }
  });

  it('says under which types bytes are shown, and where persons get pages', () => {
    const typesOf = (path: string, method: string, status: number) =>
      Object.keys(document.paths[path][method].responses[status].content).toSorted();
    const shown = ['application/octet-stream', 'audio/*', 'image/*', 'text/plain', 'video/*'];
    expect(typesOf('/api/files/{fileId}/content', 'get', 200)).toEqual(shown);
    expect(typesOf('/api/files/{fileId}/content', 'get', 206)).toEqual(shown);
    expect(typesOf('/link/{hash}', 'get', 200)).toEqual(['application/octet-stream', 'text/html']);
    expect(typesOf('/link/{hash}/use', 'post', 400)).toEqual(['application/json', 'text/html']);
    expect(typesOf('/link/{hash}/content', 'get', 404)).toEqual(['application/json']);
    expect(typesOf('/api/auth/oidc', 'get', 503)).toEqual(['application/json', 'text/html']);
    expect(typesOf('/api/auth/oidc/callback', 'get', 401)).toEqual(['application/json', 'text/html']);
    expect(JSON.stringify(document)).not.toContain('x-pages');
  });

  it('knows every field of every error that it shows', () => {
    const fields = Object.keys(document.components.schemas.ErrorBody.properties);
    for (const { operation } of operations) {
      for (const { content } of Object.values(operation.responses as Record<string, Json>)) {
        for (const { value } of Object.values((content?.['application/json']?.examples ?? {}) as Record<string, Json>))
          expect(Object.keys(value).filter((key) => !fields.includes(key))).toEqual([]);
      }
    }
  });
});

describe('the examples, sent as they stand', () => {
  let alice: Client;

  it('make an account and log in', async () => {
    expect((await drive.anonymous().post('/api/signup', sample('accountsSignUp'))).status).toBe(200);
    const { status, body } = await drive.anonymous().post('/api/login', sample('sessionsLogIn'));
    expect([status, body.user.username]).toEqual([200, 'alice']);
    alice = await drive.anonymous().logIn(body.user.username, sample('sessionsLogIn').password);
  });

  it('make a link that opens, and counts', async () => {
    const file = await alice.file('report.pdf', 'bytes of a report');
    expect((await alice.put(`/api/files/${file.id}/access`, sample('filesSetAccess'))).status).toBe(200);
    const { status, body } = await alice.post(`/api/files/${file.id}/accesses`, sample('accessesCreate'));
    expect(status).toBe(200);
    expect(await (await fetch(body.link)).text()).toBe('bytes of a report');
    expect(await accessNow(alice, body as never)).toMatchObject({ uses: 1, remainingUses: 2 });
    const { body: verdict } = await alice.post(`/api/accesses/${body.access.id}/check`, sample('accessesCheck'));
    expect(verdict.allowed).toBe(true);
  });

  it('download all of a file', async () => {
    const { parameters } = operations.find(({ operation }) => operation.operationId === 'filesDownload')!.operation;
    const shown = (parameters as Json[]).filter(
      ({ in: place, example, schema }) => place === 'header' && (example ?? schema.example),
    );
    expect(shown).toEqual([]);
  });

  it('change the password', async () => {
    expect((await alice.put('/api/user/password', sample('accountsChangePassword'))).status).toBe(200);
  });
});
