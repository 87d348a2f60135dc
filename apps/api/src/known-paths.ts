import { ContractError } from '@app/contract';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** The routes, by what their paths look like. */
interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/**
 * Answers a method that a path does not know with 405 and those that it knows. To be called before the routes are made.
 * A path that is written out (`/api/files/stats`) is never one with an id (`/api/files/:fileId`), whatever the method.
 * A preflight of an origin that is not listed stays a request for what is not there.
 */
export function refuseUnknownMethods(server: FastifyInstance): void {
  const paths = new Map<string, KnownPath>();
  /** Those that are written out: what the router takes for one of them is it, and has a method that it knows. */
  const plain = new Set<string | undefined>();
  server.addHook('onRoute', ({ url, method }) => {
    if (/^\/?\*$/.test(url)) return;
    const path = paths.get(url) ?? { pattern: patternOf(url), methods: new Set() };
    paths.set(url, path);
    for (const name of [method].flat()) path.methods.add(name);
    if (!/[:*]/.test(url)) plain.add(url);
  });
  server.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404 && plain.has(request.routeOptions.url)) return done();
    const url = request.url.split('?', 1)[0]!;
    const written = paths.get(url);
    if (isPreflight(request) || !(request.is404 || isAnother(written, request))) return done();
    const known = written ? [written] : [...paths.values()].filter(({ pattern }) => pattern.test(url));
    const allow = [...new Set(known.flatMap(({ methods }) => [...methods]))].toSorted().join(', ');
    done(allow === '' ? undefined : new ContractError('methodNotAllowed', { headers: { allow } }));
  });
}

/** Whether the router has taken a path that is written out for one with a parameter, since only that has the method. */
function isAnother(written: KnownPath | undefined, { routeOptions, method }: FastifyRequest): boolean {
  return written !== undefined && !written.methods.has(method) && routeOptions.url !== undefined;
}

function patternOf(url: string): RegExp {
  const escaped = url.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/:[^/]+/g, '[^/]+').replace(/\\\*$/, '.*')}$`);
}

function isPreflight({ method, headers }: FastifyRequest): boolean {
  return method === 'OPTIONS' && headers['access-control-request-method'] !== undefined;
}
