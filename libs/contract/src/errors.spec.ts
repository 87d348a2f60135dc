import { describe, expect, it } from 'vitest';
import { codeOf, ContractError, ERRORS, type ErrorName } from './errors.js';

describe('ContractError', () => {
  it.each(Object.keys(ERRORS) as ErrorName[])('%s has the status and the text of the catalogue', (name) => {
    const error = new ContractError(name);
    expect([error.getStatus(), error.getResponse(), error.message]).toEqual([
      ERRORS[name].status,
      { error: ERRORS[name].text, code: codeOf(name) },
      ERRORS[name].text,
    ]);
    expect(error.headers).toEqual({});
  });

  it('carries figures, headers and its cause, and may say what is wrong', () => {
    const cause = new Error('inside');
    const error = new ContractError('badRequest', {
      text: 'name is missing',
      fields: { details: { name: ['is missing'] } },
      headers: { allow: 'GET' },
      cause,
    });
    expect(error.getResponse()).toEqual({
      error: 'name is missing',
      code: 'bad_request',
      details: { name: ['is missing'] },
    });
    expect([error.headers, error.cause]).toEqual([{ allow: 'GET' }, cause]);
    expect(JSON.stringify(error.getResponse())).not.toContain('inside');
  });

  it.each([
    [0, '1'],
    [0.2, '1'],
    [1, '1'],
    [1.2, '2'],
    [900, '900'],
  ])('asks for a wait of %d s in whole seconds, and never for none', (retryAfter, header) => {
    expect(new ContractError('tooManyRequests', { retryAfter }).headers).toEqual({ 'retry-after': header });
  });

  it('has a code for programs, which is its name in snake case', () => {
    expect(['fileNotFound', 'storageLimitExceeded', 'internal'].map((name) => codeOf(name as ErrorName))).toEqual([
      'file_not_found',
      'storage_limit_exceeded',
      'internal',
    ]);
  });

  it('has a catalogue in which no two entries of a status share a text', () => {
    const entries = Object.values(ERRORS).map(({ status, text }) => `${status} ${text}`);
    expect(new Set(entries).size).toBe(entries.length);
  });
});
