import { afterEach, describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { expectError, head, JSON_TYPE } from '../support/errors.js';
import { RawClient } from '../support/raw.js';

let raw: RawClient | undefined;

const drive = driveFixture({}, { checked: 'soon' });
afterEach(() => raw?.destroy());

/** Sends lines over a socket of their own and gives the first answer. */
const send = async (...lines: string[]) => (raw = await RawClient.connect(drive.url)).ask(...lines);

describe('what is hardly HTTP', () => {
  it.each([['/%zz'], ['/api/files/%zz'], ['/%'], ['/api/%e0%a4%a'], ['/%ff']])(
    'is answered for the URL %s',
    async (path) => {
      expectError(await send(...head('GET', path)), 400, 'Invalid URL');
    },
  );

  it.each([
    ['garbage', ['this is no HTTP', '', '']],
    ['the hello of TLS', ['\x16\x03\x01\x02\x00\x01\x00\x01', '', '']],
    ['HTTP/2', ['PRI * HTTP/2.0', '', 'SM', '', '']],
    ['a space in the URL', ['GET /api/ health HTTP/1.1', 'Host: x', '', '']],
    ['an unknown method', ['BREW /api/health HTTP/1.1', 'Host: x', '', '']],
    ['a header without a colon', ['GET /api/health HTTP/1.1', 'Host: x', 'nonsense', '', '']],
    ['a length that is none', ['POST /api/login HTTP/1.1', 'Host: x', 'Content-Length: ten', '', '']],
    ['two lengths', ['POST /api/login HTTP/1.1', 'Host: x', 'Content-Length: 1', 'Content-Length: 2', '', '{}']],
    [
      'a length and chunks',
      ['POST /api/login HTTP/1.1', 'Host: x', 'Content-Length: 5', 'Transfer-Encoding: chunked', '', '0', '', ''],
    ],
    ['no host', ['GET /api/health HTTP/1.1', '', '']],
  ])('is answered: %s', async (_what, lines) => {
    expectError(await send(...lines), 400, 'Bad request');
    if (_what !== 'no host') await raw!.end();
  });

  it('is answered when a chunk is broken', async () => {
    raw = await RawClient.connect(drive.url);
    raw.send(...head('POST', '/api/login', JSON_TYPE, 'Transfer-Encoding: chunked').slice(0, -1), 'zz\r\n');
    expectError(await raw.answer(), 400, 'Bad request');
    await raw.end();
  });

  it.each([
    ['many headers', Array.from({ length: 1_000 }, (_, n) => `X-Header-${n}: ${'x'.repeat(20)}`)],
    ['a long header', [`X-Header: ${'x'.repeat(20_000)}`]],
  ])('is answered for %s', async (_what, headers) => {
    expectError(await send(...head('GET', '/api/health', ...headers)), 431, 'Request header fields too large');
  });

  it('is answered for a URL that is longer than all headers may be', async () => {
    expectError(await send(...head('GET', `/${'x'.repeat(20_000)}`)), 431, 'Request header fields too large');
  });

  it('is not refused for an expectation that is none of ours, nor for HTTP/1.0 without a host', async () => {
    expect((await send(...head('GET', '/api/health', 'Expect: something'))).status).toBe(200);
    expect((await send('GET /api/health HTTP/1.0', '', '')).status).toBe(200);
    expect((await send('GET http://elsewhere.test/api/health HTTP/1.1', 'Host: x', '', '')).status).toBe(200);
    expect((await drive.anonymous().get('/api/health')).status).toBe(200);
  });
});
