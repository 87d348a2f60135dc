import { codeOf, ContractError, ERRORS } from '@app/contract';
import { CommitOutcomeUnknownError, DatabaseFullError, DatabaseUnavailableError } from '@app/database';
import { BlobMissingError, ForeignBytesError, StorageFullError, StorageUnusableError } from '@app/storage';
import {
  BadRequestException,
  ForbiddenException,
  ImATeapotException,
  InternalServerErrorException,
  NotFoundException,
} from '@nestjs/common';
import { QueryFailedError } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { NOT_JSON } from './json-body.js';
import { toContractError } from './error.filter.js';

const withCode = (code: string, more: object = {}) =>
  Object.assign(new Error(`${code}: secret inside`), { code, ...more });
const ofDriver = (code: string) => new QueryFailedError('SELECT secret', ['inside'], withCode(code));

/** A body that is no JSON is told what was expected. */
const detailsOf = (thrown: unknown) =>
  (thrown as { statusCode?: number } | undefined)?.statusCode === 415 ? { details: { body: [NOT_JSON] } } : {};

describe('toContractError', () => {
  it.each([
    ['another database', new DatabaseUnavailableError('away'), 'unavailable'],
    ['a lost COMMIT', new CommitOutcomeUnknownError('unknown'), 'unavailable'],
    ['a busy SQLite', ofDriver('SQLITE_BUSY'), 'unavailable'],
    ['a deadlock', ofDriver('ER_LOCK_DEADLOCK'), 'unavailable'],
    ['a lost connection', withCode('PROTOCOL_CONNECTION_LOST', { fatal: true }), 'unavailable'],
    ['another storage', new StorageUnusableError('another'), 'unavailable'],
    ['a full database', new DatabaseFullError('full'), 'insufficientStorage'],
    ['a full SQLite', ofDriver('SQLITE_FULL'), 'insufficientStorage'],
    ['a full disk', new StorageFullError('full'), 'insufficientStorage'],
    ['a lost blob', new BlobMissingError('gone'), 'internal'],
    ['foreign bytes', new ForeignBytesError('foreign'), 'internal'],
    ['a broken statement', ofDriver('SQLITE_ERROR'), 'internal'],
    ['a socket that is not the database’s', withCode('ECONNREFUSED'), 'internal'],
    ['a JSON body that is none', withCode('FST_ERR_CTP_INVALID_JSON_BODY', { statusCode: 400 }), 'invalidBody'],
    ['a body that is too large', withCode('FST_ERR_CTP_BODY_TOO_LARGE', { statusCode: 413 }), 'bodyTooLarge'],
    ['a false length', withCode('FST_ERR_CTP_INVALID_CONTENT_LENGTH', { statusCode: 400 }), 'invalidBody'],
    ['another media type', withCode('FST_ERR_CTP_INVALID_MEDIA_TYPE', { statusCode: 415 }), 'invalidBody'],
    ['a malformed URL', withCode('FST_ERR_BAD_URL', { statusCode: 400 }), 'invalidUrl'],
    ['a parser’s error', Object.assign(new SyntaxError('secret'), { statusCode: 400 }), 'badRequest'],
    ['an unknown route', new NotFoundException('Cannot GET /secret'), 'notFound'],
    ['an exception of Nest', new BadRequestException('secret'), 'badRequest'],
    ['a refusal that has no text', new ForbiddenException('secret'), 'badRequest'],
    ['an odd refusal', new ImATeapotException(), 'badRequest'],
    ['a fault of Nest', new InternalServerErrorException('secret'), 'internal'],
    ['a mistake in the code', new TypeError('secret is not a function'), 'internal'],
    ['an odd status', Object.assign(new Error('secret'), { statusCode: 200 }), 'internal'],
    ['a text', 'secret', 'internal'],
    ['nothing', undefined, 'internal'],
    ['null', null, 'internal'],
    ['a number', 42, 'internal'],
  ] as const)('makes of %s what the contract has for it', (_what, thrown, name) => {
    const error = toContractError(thrown);
    expect([error.errorName, error.getStatus()]).toEqual([name, ERRORS[name].status]);
    expect(error.getResponse()).toEqual({ error: ERRORS[name].text, code: codeOf(name), ...detailsOf(thrown) });
    expect(error.headers).toEqual(name === 'unavailable' ? { 'retry-after': '5' } : {});
  });

  it('hands on an error of the contract as it is', () => {
    const error = new ContractError('tooManyRequests', { retryAfter: 7, fields: { left: 0 } });
    expect(toContractError(error)).toBe(error);
  });
});
