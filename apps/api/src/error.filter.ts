import { AnsweredBefore, type RequestWithKey } from '@app/accounts';
import { ContractError, type ErrorName } from '@app/contract';
import { DatabaseFullError, DatabaseUnavailableError, translateDatabaseError } from '@app/database';
import { ClientGoneError, sendPrepared } from '@app/http';
import { errorPageAnswer, REFUSALS, wantsPage } from '@app/sharing';
import { NameRefusedError, StorageAbsentError, StorageFullError, StorageUnusableError } from '@app/storage';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { NOT_JSON, refuseBody } from './json-body.js';
import { Page } from './web/page.js';

/** Seconds after which a client may try again what failed because something was away. */
const RETRY_AFTER = 5;

/** Errors of Fastify and Nest that have a text of their own in the catalogue. */
const BY_CODE: Record<string, ErrorName> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'bodyTooLarge',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalidBody',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalidBody',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalidBody',
  FST_ERR_BAD_URL: 'invalidUrl',
};
const BY_STATUS: Record<number, ErrorName> = {
  400: 'badRequest',
  401: 'notAuthenticated',
  404: 'notFound',
  405: 'methodNotAllowed',
  408: 'requestTimeout',
  413: 'bodyTooLarge',
  429: 'tooManyRequests',
  503: 'unavailable',
};

/** Refusals that are told where they come about. */
const HAVE_AN_EVENT = new Set<ErrorName>([
  'invalidCredentials',
  'linkNotFound',
  'linkPasswordWrong',
  ...Object.values(REFUSALS),
]);

/** What may be back in a moment. */
const AWAY = [DatabaseUnavailableError, StorageAbsentError, StorageUnusableError];

/** The one place where an error becomes an answer: `{"error": …}` with the request's id, and nothing of our inside. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(ErrorFilter.name);

  constructor(private readonly page: Page) {}

  catch(exception: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest & RequestWithKey>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (!request.requestKey) return this.answer(exception, request, reply);
    void request.requestKey.fail().then((answered) => this.answer(answered ?? exception, request, reply));
  }

  private answer(exception: unknown, request: FastifyRequest, reply: FastifyReply): void {
    if (exception instanceof AnsweredBefore) return void reply.code(200).send(exception.body);
    if (exception instanceof ClientGoneError) return void reply.raw.destroy();
    const error = toContractError(exception);
    if (error.getStatus() >= 500) this.report(error, exception);
    this.tellRefusal(request, error);
    // Part of an answer has been sent: only its end can still say that it is not whole.
    if (reply.raw.headersSent) return void reply.raw.destroy();
    if (wantsPage(request)) return this.tell(request, reply, error);
    void reply
      .code(error.getStatus())
      .headers(error.headers)
      .send({ ...(error.getResponse() as object), requestId: request.id });
  }

  /** What is asked about later: changes that did not come about, and whatever somebody may not. What has an event of its own is told. */
  private tellRefusal({ method, routeOptions, params }: FastifyRequest, error: ContractError): void {
    const changes = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
    const { errorName } = error;
    if (!routeOptions.url || HAVE_AN_EVENT.has(errorName)) return;
    if (!changes && error.getStatus() !== 403 && error.getStatus() !== 429) return;
    const { fileId, accessId } = (params ?? {}) as Record<string, string | undefined>;
    const about = { ...numbered({ fileId }), ...numbered({ accessId }) };
    this.logger.debug({ event: 'request-refused', error: errorName, route: `${method} ${routeOptions.url}`, ...about });
  }

  /** Whoever went astray gets the page itself, which says so. */
  private tell(request: FastifyRequest, reply: FastifyReply, error: ContractError): void {
    if (error.errorName === 'notFound' && this.page.directory) this.page.send(request, reply, 404);
    else sendPrepared(reply, errorPageAnswer(request, error));
  }

  private report(error: ContractError, exception: unknown): void {
    const cause = exception instanceof ContractError ? exception.cause : exception;
    const stack = cause instanceof Error ? cause.stack : cause && String(cause);
    this.logger.error({ event: 'request-failed', error: error.errorName, ...(stack ? { stack } : {}) });
  }
}

/** The catalogue's entry for anything that can be thrown. */
export function toContractError(exception: unknown): ContractError {
  if (exception instanceof ContractError) return exception;
  const cause = translateDatabaseError(exception);
  if (AWAY.some((away) => cause instanceof away)) {
    return new ContractError('unavailable', { cause, retryAfter: RETRY_AFTER });
  }
  if (cause instanceof NameRefusedError) {
    return new ContractError('invalidFileName', { cause, fields: { details: { name: [cause.message] } } });
  }
  if (cause instanceof DatabaseFullError || cause instanceof StorageFullError) {
    return new ContractError('insufficientStorage', { cause });
  }
  // Anything can be thrown, also nothing.
  const { code = '', statusCode = 500 } = (exception ?? {}) as { code?: string; statusCode?: number };
  const status = exception instanceof HttpException ? exception.getStatus() : statusCode;
  if (status === 415) return refuseBody(NOT_JSON);
  const other = status >= 400 && status < 500 ? 'badRequest' : 'internal';
  return new ContractError(BY_CODE[code] ?? BY_STATUS[status] ?? other, { cause });
}

/** An id of the address, where it is one. */
function numbered(named: Record<string, string | undefined>): Record<string, number> {
  const ids = Object.entries(named).filter(([, id]) => id !== undefined && /^[1-9]\d{0,9}$/.test(id));
  return Object.fromEntries(ids.map(([name, id]) => [name, Number(id)]));
}
