import { expect } from 'vitest';
import { type RawAnswer, RawClient } from './raw.js';
import { metadataOf, PART_TYPE } from './tus.js';

/** Headers of a request. Those that are undefined are left out. */
type RawHeaders = Record<string, string | undefined>;

/** A drive that is spoken to, and who speaks to it. */
interface Spoken {
  readonly url: string;
  readonly token: string;
}

/** One request, and its answer, word for word over a socket. */
async function askOf(
  { url, token }: Spoken,
  method: string,
  path: string,
  headers: RawHeaders = {},
  body = '',
): Promise<RawAnswer> {
  const raw = await RawClient.connect(url);
  const given: RawHeaders = {
    Host: new URL(url).host,
    Authorization: `Bearer ${token}`,
    'Tus-Resumable': '1.0.0',
    ...(body === '' ? {} : { 'Content-Length': String(body.length) }),
    ...headers,
  };
  const lines = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
  // Its body is never sent, whatever its headers say.
  const isHead = method === 'HEAD' || headers['X-HTTP-Method-Override'] === 'HEAD';
  raw.send(`${method} ${path} HTTP/1.1`, ...lines, 'Connection: close', '', body);
  await raw.end();
  const [head = '', text = ''] = raw.received.split('\r\n\r\n');
  raw.destroy();
  const [first = '', ...rest] = head.split('\r\n');
  const pairs = rest.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ]);
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(pairs), text: isHead ? '' : text };
}

let count = 0;

export const name = () => `${(count += 1)}.txt`;
/** The headers that ask for an upload. */
export const creation = (length: number, headers: RawHeaders = {}): RawHeaders => ({
  'Upload-Length': String(length),
  'Upload-Metadata': metadataOf(name()),
  'Content-Length': '0',
  ...headers,
});

/** The words of tus 1.0.0. @param spoken is asked anew for each request */
export function tusWords(spoken: () => Spoken) {
  const ask = (method: string, path: string, headers?: RawHeaders, body?: string) =>
    askOf(spoken(), method, path, headers, body);
  const create = (length: number, headers: RawHeaders = {}) => ask('POST', '/api/uploads', creation(length, headers));
  const patch = (path: string, offset: number, body: string, headers: RawHeaders = {}) =>
    ask('PATCH', path, { 'Content-Type': PART_TYPE, 'Upload-Offset': String(offset), ...headers }, body);
  const begin = async (length: number): Promise<string> => {
    const { status, headers } = await create(length);
    expect(status).toBe(201);
    return headers.location!;
  };
  /** The offset that a look tells. */
  const offsetOf = async (path: string) => (await ask('HEAD', path)).headers['upload-offset'];
  return { ask, create, patch, begin, offsetOf };
}
