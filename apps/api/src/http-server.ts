import { randomUUID } from 'node:crypto';
import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { overrideMethod, speakTus } from '@app/files';
import { deferContinue, expectBody, isWaiting } from '@app/http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyReply, type FastifyRequest, LogController } from 'fastify';
import type { Logger } from 'pino';
import { watchBodyPace } from './body-pace.js';
import { watchConnections } from './connections.js';
import { guardDocs } from './docs-guard.js';
import { watchDownloads } from './downloads.js';
import { forwardedReader } from './forwarded.js';
import { addParsers } from './json-body.js';
import { refuseUnknownMethods } from './known-paths.js';
import { createRequestLogger, requestContext } from './logging.js';
import { answerHeaders, refuseMalformed, refuseUrl } from './malformed.js';
import { dropTrailingSlashes } from './trailing-slash.js';
import { drainUnread } from './unread-bodies.js';

/** Bytes of a JSON body. */
const BODY_LIMIT = 64 * 1024;
/** Characters of a part of the path; beyond Node's own limit of a request, so that our guards judge every id. */
const PARAMETER_LIMIT = 16 * 1024;
/** Milliseconds for a request's line and headers. */
const HEADERS_TIMEOUT = 20_000;

/** Node's own refusal of a request without a host has no body; ours (`addHooks`) does. */
const HTTP = { headersTimeout: HEADERS_TIMEOUT, connectionsCheckingInterval: 1_000, requireHostHeader: false };

/** Fastify with our limits. The time of a whole request is not limited: the pace of its body is (body-pace.ts). */
export function createAdapter(config: AppConfig, logger: Logger): FastifyAdapter {
  const adapter = new FastifyAdapter({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    rewriteUrl: overrideMethod,
    bodyLimit: BODY_LIMIT,
    routerOptions: { maxParamLength: PARAMETER_LIMIT },
    trustProxy: config.trustedProxies.length > 0 ? [...config.trustedProxies] : false,
    requestTimeout: 0,
    http: HTTP,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: true,
    clientErrorHandler: refuseMalformed,
    frameworkErrors: refuseUrl,
  });
  // Nest's own drops the code of Fastify's errors, by which the filter knows them.
  adapter.mapException = (error: unknown) => error;
  addOurs(adapter.getInstance<FastifyInstance>(), config);
  return adapter;
}

function addOurs(server: FastifyInstance, config: AppConfig): void {
  dropTrailingSlashes(server.server);
  // A client that has said all may close its side: it still gets its answer, for which a link may have been spent.
  Object.assign(server.server, { httpAllowHalfOpen: true });
  addParsers(server);
  watchConnections(server, config.stopGraceMs);
  addHooks(server, config);
  believeProxies(server, config.trustedProxies);
  watchDownloads(server);
  guardDocs(server, config.publicUrl);
  refuseUnknownMethods(server);
  drainUnread(server);
}

function believeProxies(server: FastifyInstance, proxies: readonly string[]): void {
  if (proxies.length === 0) return;
  const readForwarded = forwardedReader(proxies);
  server.addHook('onRequest', ({ raw }, _reply, done) => {
    readForwarded(raw.headers);
    done();
  });
}

function addHooks(server: FastifyInstance, config: AppConfig): void {
  const requests = createRequestLogger(config.logLevel);
  speakTus(server, config.maxFileSize);
  addContinue(server);
  // A logger for each request would cost more than its line: `requestContext` knows whose the line is.
  server.setChildLoggerFactory((parent) => parent);
  server.addHook('onRequest', (request, reply, done) => {
    void reply.headers(answerHeaders(request.id));
    watchBodyPace(request.raw);
    const { httpVersion, rawHeaders } = request.raw;
    const names = countHosts(rawHeaders);
    const nameless = names > 1 || (names === 0 && httpVersion === '1.1');
    requestContext.run(
      { requestId: request.id, request },
      done,
      nameless ? new ContractError('badRequest') : undefined,
    );
  });
  server.addHook('onResponse', (request, reply, done) => {
    logRequest(request, reply, requests);
    done();
  });
}

/** Lets a client that asks first (`Expect: 100-continue`) send its body only once somebody wants it. */
function addContinue(server: FastifyInstance): void {
  server.server.on('checkContinue', (request, response) => {
    deferContinue(request);
    server.server.emit('request', request, response);
  });
  // Other expectations than that are none of ours; Node's own refusal has no body.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response));
  server.addHook('preParsing', (request, reply, payload, done) => {
    // A body that Fastify itself reads is wanted now; that of an upload only once the upload is admitted.
    const { 'content-type': type = '', 'content-length': length = '0' } = request.headers;
    if (/^application\/json/i.test(type) && Number(length) <= BODY_LIMIT) expectBody(request.raw, reply.raw);
    done(null, payload);
  });
  server.addHook('onSend', (request, reply, payload, done) => {
    // Its body will never come, so the next request cannot be told from it.
    if (isWaiting(request.raw)) void reply.header('connection', 'close');
    done(null, payload);
  });
}

/** The route's pattern instead of the URL, which may hold a link's token. */
function logRequest(request: FastifyRequest, reply: FastifyReply, requests: Logger): void {
  requests.info({
    event: 'request',
    requestId: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'unknown',
    status: reply.statusCode,
    ms: Math.round(reply.elapsedTime * 10) / 10,
  });
}

/** Node keeps the first of several; what stands before us may have gone by another. */
function countHosts(rawHeaders: readonly string[]): number {
  let count = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!;
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1;
  }
  return count;
}
