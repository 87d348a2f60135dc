import { PUBLIC, SCOPES } from '@app/accounts';
import { RequestMethod } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { addressOf, everyRoute, type Route } from '../support/routes.js';
import { ROUTES } from './route-table.js';

const drive = driveFixture({ LOGIN_LIMIT: '1000/15m', WEB: 'off' });

const nameOf = ({ method, url }: Route) => `${method} ${url}`;

/** HEAD asks what GET asks. */
const twin = ({ method, url }: Route) => (method === 'HEAD' ? ROUTES[`GET ${url}`] : undefined);
const asksOf = (route: Route) => ROUTES[nameOf(route)] ?? twin(route);
const routes = () => everyRoute(drive);

it('the table has every route, and no other', () => {
  const listed = routes().filter((route) => twin(route) === undefined);
  expect(listed.map(nameOf).toSorted()).toEqual(Object.keys(ROUTES).toSorted());
});

it('every handler that is not marked public is one of a route that asks who somebody is', () => {
  const scanner = new MetadataScanner();
  const open: string[] = [];
  for (const module of drive.app.get(ModulesContainer, { strict: false }).values()) {
    for (const { metatype, instance } of module.controllers.values()) {
      for (const name of scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
        const handler = (instance as Record<string, object>)[name]!;
        const isPublic = [metatype!, handler].some((target) => Reflect.getMetadata(PUBLIC, target));
        const isHead = Reflect.getMetadata(METHOD_METADATA, handler) === RequestMethod.HEAD;
        if (isPublic && !isHead) open.push(`${metatype!.name}.${name}`);
      }
    }
  }
  expect(open.length).toBe(Object.values(ROUTES).filter((asks) => asks === 'open').length);
});

/** What became of a request: how far it came. */
type Verdict = 'unknown' | 'cross-site' | 'beyond its scopes' | 'no admin' | 'refused' | 'in';

const BY_CODE: Record<string, Verdict> = {
  not_authenticated: 'unknown',
  cross_site_request: 'cross-site',
  beyond_scope: 'beyond its scopes',
  admin_required: 'no admin',
};

async function verdictOf(client: Client, route: Route): Promise<Verdict> {
  const response = await client.fetch(addressOf(route), { method: route.method, redirect: 'manual' });
  const text = await response.text();
  // HEAD has no body that says why.
  if (route.method === 'HEAD' && response.status === 401) return 'unknown';
  if (route.method === 'HEAD' && response.status === 403) return 'refused';
  const { code } = (text.startsWith('{') ? JSON.parse(text) : {}) as { code?: string };
  return BY_CODE[code ?? ''] ?? 'in';
}

interface Caller {
  /** Made anew for each route: some of them end what it carries. */
  readonly come: () => Promise<Client>;
  readonly verdict: (asks: string, method: string) => Verdict;
}

const isSafe = (method: string) => method === 'GET' || method === 'HEAD';
const asUser = (asks: string): Verdict => (asks === 'admin' ? 'no admin' : 'in');
const token = (scope: string): Caller => ({
  come: () => apiToken(scope),
  verdict: (asks) => (asks === scope ? 'in' : 'beyond its scopes'),
});

const CALLERS: Record<string, Caller> = {
  nobody: { come: async () => drive.anonymous(), verdict: () => 'unknown' },
  bearer: { come: () => drive.anonymous().logIn('alice'), verdict: asUser },
  'bearer of an admin': { come: () => drive.anonymous().logIn('root'), verdict: () => 'in' },
  cookie: { come: () => drive.anonymous().openSession('alice'), verdict: asUser },
  'cookie of an admin': { come: () => drive.anonymous().openSession('root'), verdict: () => 'in' },
  'cookie from another site': {
    come: async () => (await drive.anonymous().openSession('root')).with({ 'sec-fetch-site': 'cross-site' }),
    verdict: (_asks, method) => (isSafe(method) ? 'in' : 'cross-site'),
  },
  'cookie from another port': {
    come: async () => (await drive.anonymous().openSession('root')).with({ 'sec-fetch-site': 'same-site' }),
    verdict: (_asks, method) => (isSafe(method) ? 'in' : 'cross-site'),
  },
  'cookie beside a wrong bearer': {
    come: async () => (await drive.anonymous().openSession('root')).with({ authorization: 'Bearer x' }),
    verdict: () => 'unknown',
  },
  'disabled user': { come: () => disabled((client) => client.logIn('carol')), verdict: () => 'unknown' },
  "disabled user's cookie": { come: () => disabled((client) => client.openSession('carol')), verdict: () => 'unknown' },
  "disabled user's API token": { come: disabledToken, verdict: () => 'unknown' },
  'ended session': { come: () => ended((client) => client.logIn('alice')), verdict: () => 'unknown' },
  'ended cookie': { come: () => ended((client) => client.openSession('alice')), verdict: () => 'unknown' },
  'revoked API token': { come: revokedToken, verdict: () => 'unknown' },
  ...Object.fromEntries(SCOPES.map((scope) => [`API token: ${scope}`, token(scope)])),
};

/** Of an admin, so that only the scopes stand in its way. */
async function apiToken(scope: string): Promise<Client> {
  const root = await drive.anonymous().logIn('root');
  const { body } = await root.post('/api/user/tokens', { name: scope, scopes: [scope] });
  return new Client(drive.url, body.token);
}

async function revokedToken(): Promise<Client> {
  const root = await drive.anonymous().logIn('root');
  const { body } = await root.post('/api/user/tokens', { name: 'revoked', scopes: SCOPES });
  expect((await root.delete(`/api/user/tokens/${body.apiToken.id}`)).status).toBe(200);
  return new Client(drive.url, body.token);
}

const setDisabled = (value: number) =>
  drive.probe.run("UPDATE users SET disabled = ? WHERE username = 'carol'", [value]);

async function disabled(logIn: (client: Client) => Promise<Client>): Promise<Client> {
  await setDisabled(0);
  const client = await logIn(drive.anonymous());
  await setDisabled(1);
  return client;
}

async function disabledToken(): Promise<Client> {
  await setDisabled(0);
  const carol = await drive.anonymous().logIn('carol');
  const scopes = SCOPES.filter((scope) => scope !== 'admin');
  const { body } = await carol.post('/api/user/tokens', { name: 'all', scopes });
  await setDisabled(1);
  return new Client(drive.url, body.token);
}

async function ended(logIn: (client: Client) => Promise<Client>): Promise<Client> {
  const client = await logIn(drive.anonymous());
  expect((await client.request('/api/logout', { method: 'POST' })).status).toBe(200);
  return client;
}

/** What an answer without a body can say. */
function without(verdict: Verdict, { method }: Route): Verdict {
  return method !== 'HEAD' || verdict === 'in' || verdict === 'unknown' ? verdict : 'refused';
}

/** What ends the log-in of who asks. */
const ENDS = new Set(['POST /api/logout']);

describe.each(Object.entries(CALLERS))('%s', (_name, { come, verdict }) => {
  beforeAll(async () => {
    const known = await drive.probe.rows('SELECT id FROM users');
    if (known.length > 0) return;
    for (const name of ['alice', 'root', 'carol']) await drive.signUp(name);
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'root'");
  });

  it('comes as far on every route as the table says', async () => {
    const found: Record<string, Verdict> = {};
    const expected: Record<string, Verdict> = {};
    let client = await come();
    for (const route of routes()) {
      const name = nameOf(route);
      const asks = asksOf(route) ?? 'not in the table';
      found[name] = await verdictOf(client, route);
      expected[name] = asks === 'open' ? 'in' : without(verdict(asks, route.method), route);
      if (ENDS.has(name)) client = await come();
    }
    expect(found).toEqual(expected);
  });
});
