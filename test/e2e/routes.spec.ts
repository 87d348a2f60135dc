import { PUBLIC } from '@app/accounts';
import { MetadataScanner, ModulesContainer } from '@nestjs/core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Drive } from '../support/drive.js';

let drive: Drive;
beforeAll(async () => {
  drive = await Drive.start({ WEB: 'off' });
});
afterAll(() => drive.destroy());

/** What may be asked for without a token: a new route here is a decision, not an accident. */
const OPEN = [
  'GET /api/deletions/keys',
  'GET /api/health',
  'GET /api/health/ready',
  'GET /link/:hash',
  'GET /link/:hash/content',
  'GET /link/assets/:name',
  'HEAD /link/:hash',
  'HEAD /link/:hash/content',
  'OPTIONS /api/uploads',
  'OPTIONS /api/uploads/:uploadId',
  'POST /api/login',
  'POST /api/session',
  'POST /api/signup',
  'POST /link/:hash/use',
];

/** Swagger UI, which Nest does not know as routes of ours. */
const DOCS = /^\/(docs|api\/docs)(\/|$)/;

interface Route {
  readonly method: string;
  readonly url: string;
}

/** The routes of the server itself, from its printed tree: a route is the parts of the lines above it, less indented. */
function everyRoute(): Route[] {
  const tree: string = drive.app.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
  const parts: string[] = [];
  return tree
    .split('\n')
    .flatMap((line) => {
      const [, indent = '', part = '', methods] = /^([│ ]*)[└├]── (.*?)(?: \(([A-Z, ]+)\))?$/.exec(line) ?? [];
      parts.splice(indent.length / 4, Infinity, part);
      return (methods?.split(', ') ?? []).map((method) => ({ method, url: parts.join('') }));
    })
    .filter(({ url }) => !DOCS.test(url));
}

it('every route asks for a token, but for those that are public on purpose', async () => {
  const routes = everyRoute();
  expect(routes.length).toBeGreaterThan(20);
  const open: string[] = [];
  for (const { method, url } of routes) {
    const { status } = await drive.anonymous().fetch(url.replaceAll(/:\w+/g, '1'), { method });
    if (status !== 401) open.push(`${method} ${url}`);
  }
  // HEAD answers wherever GET does.
  const heads = OPEN.filter((route) => route.startsWith('GET ')).map((route) => route.replace('GET', 'HEAD'));
  expect(open.toSorted()).toEqual([...new Set([...OPEN, ...heads])].toSorted());
});

it('every handler that is not marked public is one of a route that asks for a token', async () => {
  const scanner = new MetadataScanner();
  const open: string[] = [];
  for (const module of drive.app.get(ModulesContainer, { strict: false }).values()) {
    for (const { metatype, instance } of module.controllers.values()) {
      for (const name of scanner.getAllMethodNames(Object.getPrototypeOf(instance))) {
        const handler = (instance as Record<string, object>)[name]!;
        const isPublic = [metatype!, handler].some((target) => Reflect.getMetadata(PUBLIC, target));
        if (isPublic) open.push(`${metatype!.name}.${name}`);
      }
    }
  }
  expect(open.length).toBe(OPEN.length);
});
