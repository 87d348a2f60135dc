import { expect } from 'vitest';
import { CODES } from './published.js';
import type { RawAnswer } from './raw.js';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What every error must look like, from whatever layer it comes. */
export function expectError({ status, headers, text }: RawAnswer, expectedStatus: number, error: string): void {
  const body = JSON.parse(text) as Record<string, unknown>;
  expect([status, body.error]).toEqual([expectedStatus, error]);
  // Where the contract says "what is wrong", the text is the occasion's own, and the code is still the catalogue's.
  expect(Object.values(CODES)).toContain(body.code);
  if (error in CODES) expect(body.code).toBe(CODES[error]);
  expect(body.requestId).toMatch(UUID);
  expect(headers['x-request-id']).toBe(body.requestId);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['cache-control']).toBe('no-store');
  expect(headers).not.toHaveProperty('server');
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(text).not.toMatch(/\bat .*:\d+:\d+|node_modules|\/(src|libs|tmp|work)\/|SQLITE|ER_|SELECT|INSERT|FST_/);
}

/** The lines of a request without a body. */
export const head = (method: string, path: string, ...headers: string[]) => [
  `${method} ${path} HTTP/1.1`,
  'Host: x',
  ...headers,
  '',
  '',
];

/** The lines of a request with one. */
export const post = (path: string, body: string, ...headers: string[]) =>
  [...head('POST', path, `Content-Length: ${Buffer.byteLength(body)}`, ...headers).slice(0, -1), body] as string[];

export const JSON_TYPE = 'Content-Type: application/json';
