import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Drive } from '../support/drive.js';
import { type RawAnswer, RawClient } from '../support/raw.js';
import { metadataOf, PART_TYPE } from '../support/tus.js';

/**
 * Every sentence of tus 1.0.0 (https://tus.io/protocols/resumable-upload) that says MUST of a server, in its order and by
 * its number, word for word over a socket. What a sentence asks of a client is tested as what the server makes of it.
 */
const MAX = 100_000;
let drive: Drive;
let token: string;
let count = 0;

beforeAll(async () => {
  drive = await Drive.start({ MAX_FILE_SIZE: String(MAX), CORS_ORIGINS: 'http://page.example' });
  token = (await drive.signUp('alice')).token!;
});
afterAll(() => drive.destroy());

type Headers = Record<string, string | undefined>;

/** One request, and its answer. Headers that are undefined are left out. */
async function ask(method: string, path: string, headers: Headers = {}, body = ''): Promise<RawAnswer> {
  const raw = await RawClient.connect(drive.url);
  const given: Headers = {
    Host: new URL(drive.url).host,
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

const name = () => `${(count += 1)}.txt`;
const creation = (length: number, headers: Headers = {}): Headers => ({
  'Upload-Length': String(length),
  'Upload-Metadata': metadataOf(name()),
  'Content-Length': '0',
  ...headers,
});
const create = (length: number, headers: Headers = {}) => ask('POST', '/api/uploads', creation(length, headers));
const patch = (path: string, offset: number, body: string, headers: Headers = {}) =>
  ask('PATCH', path, { 'Content-Type': PART_TYPE, 'Upload-Offset': String(offset), ...headers }, body);
const digest = (algorithm: string, body: string) =>
  `${algorithm} ${createHash(algorithm).update(body).digest('base64')}`;

async function begin(length: number): Promise<string> {
  const { status, headers } = await create(length);
  expect(status).toBe(201);
  return headers.location!;
}

/** The offset that a look tells. */
const offsetOf = async (path: string) => (await ask('HEAD', path)).headers['upload-offset'];

it('MUST 1: a HEAD tells Upload-Offset, also where it is 0 and where the upload is completed', async () => {
  const path = await begin(3);
  expect(await offsetOf(path)).toBe('0');
  await patch(path, 0, 'abc');
  expect(await offsetOf(path)).toBe('3');
});

it('MUST 2: a HEAD tells Upload-Length', async () => {
  expect((await ask('HEAD', await begin(7))).headers['upload-length']).toBe('7');
});

it('MUST 3: a HEAD keeps everybody from caching it', async () => {
  const { status, headers } = await ask('HEAD', await begin(7));
  expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
});

it('MUST 4: a PATCH is of application/offset+octet-stream, and of nothing else', async () => {
  const path = await begin(3);
  for (const type of ['text/plain', 'application/octet-stream', undefined]) {
    const { status, text } = await patch(path, 0, 'abc', { 'Content-Type': type });
    expect([status, JSON.parse(text).code]).toEqual([415, 'upload_content_type']);
  }
  expect(await offsetOf(path)).toBe('0');
});

it('MUST 5: a PATCH begins at the current offset; one that does not is 409 and changes nothing', async () => {
  const path = await begin(6);
  await patch(path, 0, 'abc');
  for (const offset of [0, 2, 4, 6, 7]) {
    const { status, text } = await patch(path, offset, 'xyz');
    expect([status, JSON.parse(text)]).toMatchObject([409, { code: 'upload_offset', offset: 3 }]);
  }
  expect(await offsetOf(path)).toBe('3');
});

it('MUST 6: a successful PATCH is 204', async () => {
  const { status, text } = await patch(await begin(6), 0, 'abc');
  expect([status, text]).toEqual([204, '']);
});

it('MUST 7: a successful PATCH tells the new Upload-Offset', async () => {
  expect((await patch(await begin(6), 0, 'abc')).headers['upload-offset']).toBe('3');
});

it('MUST 8: the new offset is the sum of the offset before and the bytes that were received', async () => {
  const path = await begin(6);
  const told = [];
  for (const [offset, body] of [
    [0, 'a'],
    [1, 'bc'],
    [3, ''],
    [3, 'def'],
  ] as const) {
    told.push((await patch(path, offset, body)).headers['upload-offset']);
  }
  expect(told).toEqual(['1', '3', '3', '6']);
});

it('MUST 9: a successful OPTIONS tells Tus-Version', async () => {
  for (const path of ['/api/uploads', await begin(1)]) {
    const { status, headers } = await ask('OPTIONS', path, { Authorization: undefined, 'Tus-Resumable': undefined });
    expect([status, headers['tus-version']]).toEqual([204, '1.0.0']);
  }
});

it.each(['-1', '1.5', '1e3', '0x1', 'abc', '', '99999999999999999999'])(
  'MUST 10: Upload-Offset is a non-negative integer, which %j is not',
  async (offset) => {
    const path = await begin(3);
    const { status, text } = await patch(path, 0, 'abc', { 'Upload-Offset': offset });
    expect([status, JSON.parse(text).code]).toEqual([400, 'invalid_upload']);
    expect(await offsetOf(path)).toBe('0');
  },
);

it.each(['-1', '1.5', '1e3', 'abc', '', '99999999999999999999'])(
  'MUST 11: Upload-Length is a non-negative integer, which %j is not',
  async (length) => {
    const { status, text } = await create(0, { 'Upload-Length': length });
    expect([status, JSON.parse(text).code]).toEqual([400, 'invalid_upload']);
  },
);

it('MUST 12: Tus-Version is a list of the versions that are spoken', async () => {
  expect((await ask('OPTIONS', '/api/uploads')).headers['tus-version']?.split(',')).toEqual(['1.0.0']);
});

it('MUST 13: Tus-Resumable is on every answer, refusals too', async () => {
  const path = await begin(3);
  const answers = [
    await ask('HEAD', path),
    await patch(path, 0, 'a'),
    await patch(path, 0, 'a'),
    await ask('HEAD', '/api/uploads/0'),
    await ask('POST', '/api/uploads', { Authorization: undefined, 'Content-Length': '0' }),
    await ask('GET', '/api/uploads'),
    await ask('DELETE', path),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 204, 409, 404, 401, 200, 204]);
  expect(new Set(answers.map(({ headers }) => headers['tus-resumable']))).toEqual(new Set(['1.0.0']));
});

it.each(['0.2.2', '2.0.0', '1.0', '', undefined])(
  'MUST 14, 15, 16: a request of version %s is 412, with Tus-Version, and is not processed',
  async (version) => {
    const path = await begin(3);
    const refused = [
      await create(3, { 'Tus-Resumable': version }),
      await ask('HEAD', path, { 'Tus-Resumable': version }),
      await patch(path, 0, 'abc', { 'Tus-Resumable': version }),
      await ask('DELETE', path, { 'Tus-Resumable': version }),
    ];
    expect(refused.map(({ status }) => status)).toEqual([412, 412, 412, 412]);
    expect(refused.map(({ headers }) => headers['tus-version'])).toEqual(refused.map(() => '1.0.0'));
    expect(await offsetOf(path)).toBe('0');
  },
);

it('MUST 17: Tus-Extension is a list of the extensions that are spoken', async () => {
  expect((await ask('OPTIONS', '/api/uploads')).headers['tus-extension']?.split(',')).toEqual([
    ...['creation', 'creation-with-upload', 'expiration', 'termination', 'checksum'],
  ]);
});

it('MUST 18: Tus-Max-Size is a non-negative integer', async () => {
  expect((await ask('OPTIONS', '/api/uploads')).headers['tus-max-size']).toBe(String(MAX));
});

it('MUST 19, 20: X-HTTP-Method-Override is the method, and the actual one is ignored', async () => {
  const path = await begin(6);
  const part = { 'Content-Type': PART_TYPE, 'Upload-Offset': '0' };
  const patched = await ask('POST', path, { ...part, 'X-HTTP-Method-Override': 'PATCH' }, 'abc');
  expect([patched.status, patched.headers['upload-offset']]).toEqual([204, '3']);
  const seen = await ask('GET', path, { 'X-HTTP-Method-Override': 'HEAD' });
  expect([seen.status, seen.headers['upload-offset']]).toEqual([200, '3']);
  expect((await ask('POST', path, { 'X-HTTP-Method-Override': 'DELETE', 'Content-Length': '0' })).status).toBe(204);
  expect((await ask('HEAD', path)).status).toBe(410);
});

it('MUST 19, 20: the guards judge by the method that counts', async () => {
  const stranger = { 'X-HTTP-Method-Override': 'DELETE', Authorization: undefined, 'Content-Length': '0' };
  const path = await begin(6);
  expect((await ask('OPTIONS', path, stranger)).status).toBe(401);
  expect(await offsetOf(path)).toBe('0');
});

it('MUST 21: creation is among the extensions, and a POST creates', async () => {
  expect((await create(3)).status).toBe(201);
});

it('MUST 22: a creation without Upload-Length creates nothing, and a deferred length is not spoken', async () => {
  for (const headers of [{ 'Upload-Length': undefined }, { 'Upload-Length': undefined, 'Upload-Defer-Length': '1' }]) {
    const { status, text } = await create(3, headers);
    expect([status, JSON.parse(text).code]).toEqual([400, 'invalid_upload']);
  }
});

it('MUST 23: a creation beyond Tus-Max-Size is 413', async () => {
  expect((await create(MAX + 1)).status).toBe(413);
  expect((await create(MAX)).status).toBe(201);
});

it('MUST 24, 25: a creation is 201, and Location is the address', async () => {
  const { status, headers } = await create(3);
  expect([status, (await ask('HEAD', headers.location!)).status]).toEqual([201, 200]);
});

it.each([
  ['no pairs', ''],
  ['a pair without a key', ' YQ=='],
  ['a value that is no Base64', 'filename a.txt'],
  ['more than a key and a value', 'filename YQ== YQ=='],
  ['a key twice', 'filename YQ==,filename YQ=='],
  ['an empty pair', 'filename YQ==,,a YQ=='],
])('MUST 26 to 30: Upload-Metadata is pairs of unique keys and Base64, which %s is not', async (_what, metadata) => {
  const { status, text } = await create(3, { 'Upload-Metadata': metadata });
  expect([status, JSON.parse(text).code]).toEqual([400, 'invalid_upload']);
});

it('MUST 31: a HEAD gives Upload-Metadata back as it was given', async () => {
  const metadata = `${metadataOf(name())},empty,filetype dGV4dA==`;
  const { headers } = await create(3, { 'Upload-Metadata': metadata });
  expect((await ask('HEAD', headers.location!)).headers['upload-metadata']).toBe(metadata);
});

it('MUST 32, 33, 34: a creation with bytes tells Upload-Offset after them', async () => {
  const headers = creation(6, { 'Content-Type': PART_TYPE, 'Content-Length': '3' });
  const { status, headers: told } = await ask('POST', '/api/uploads', headers, 'abc');
  expect([status, told['upload-offset'], await offsetOf(told.location!)]).toEqual([201, '3', '3']);
  expect((await ask('POST', '/api/uploads', { ...creation(6), 'Content-Length': '3' }, 'abc')).status).toBe(415);
});

it('MUST 35, 36: POST and PATCH tell Upload-Expires while the upload is unfinished, as a date of HTTP', async () => {
  const created = await create(6);
  const patched = await patch(created.headers.location!, 0, 'abc');
  for (const { headers } of [created, patched]) {
    const at = headers['upload-expires']!;
    expect(new Date(at).toUTCString()).toBe(at);
    expect(Date.parse(at)).toBeGreaterThan(Date.now());
  }
  expect((await patch(created.headers.location!, 3, 'def')).headers).not.toHaveProperty('upload-expires');
});

it('MUST 37: sha1 is among the algorithms, and OPTIONS tells them', async () => {
  expect((await ask('OPTIONS', '/api/uploads')).headers['tus-checksum-algorithm']).toBe('sha1,sha256');
});

it.each(['sha1', 'sha256'])('MUST 38, 41: a part whose %s is right is 204', async (algorithm) => {
  const path = await begin(6);
  expect((await patch(path, 0, 'abc', { 'Upload-Checksum': digest(algorithm, 'abc') })).status).toBe(204);
});

it.each(['md5 kAFQmDzST7DWlj99KOF/cg==', 'SHA1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=', 'crc32 AAAA'])(
  'MUST 39: an algorithm that is not spoken is 400 (%s)',
  async (checksum) => {
    const path = await begin(6);
    const { status, text } = await patch(path, 0, 'abc', { 'Upload-Checksum': checksum });
    expect([status, JSON.parse(text).code, await offsetOf(path)]).toEqual([400, 'checksum_unsupported', '0']);
  },
);

it.each(['sha1', 'sha256'])(
  'MUST 40, 42, 43: a part whose %s is wrong is 460 and discarded, and the offset stays',
  async (algorithm) => {
    const path = await begin(6);
    await patch(path, 0, 'ab');
    const { status, text } = await patch(path, 2, 'cd', { 'Upload-Checksum': digest(algorithm, 'dc') });
    expect([status, JSON.parse(text).code, await offsetOf(path)]).toEqual([460, 'checksum_mismatch', '2']);
    const { headers } = await patch(path, 2, 'cdef');
    const content = await ask('GET', `${headers['content-location']}/content`);
    expect(content.text).toBe('abcdef');
  },
);

it.each(['sha1', 'sha1 !', 'sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0= x', 'sha1 YWJj'])(
  'MUST 44: Upload-Checksum is an algorithm and a digest in Base64, which %j is not',
  async (checksum) => {
    const { status, text } = await patch(await begin(6), 0, 'abc', { 'Upload-Checksum': checksum });
    expect([status, JSON.parse(text).code]).toEqual([400, 'invalid_upload']);
  },
);

it('MUST 45: a DELETE is 204, and the upload is gone', async () => {
  const path = await begin(6);
  const { status, text } = await ask('DELETE', path);
  expect([status, text]).toEqual([204, '']);
  const seen = await ask('HEAD', path);
  expect([seen.status, seen.headers]).toEqual([
    410,
    expect.not.objectContaining({ 'upload-offset': expect.anything() }),
  ]);
  expect((await patch(path, 0, 'abc')).status).toBe(410);
});

it('a page of a listed origin may ask for all of it, and read what it is told', async () => {
  const asks = { Origin: 'http://page.example', 'Access-Control-Request-Method': 'PATCH' };
  const wanted = 'authorization,content-type,tus-resumable,upload-checksum,upload-offset';
  const preflight = await ask('OPTIONS', '/api/uploads', { ...asks, 'Access-Control-Request-Headers': wanted });
  expect(preflight.status).toBe(204);
  expect(preflight.headers['access-control-allow-methods']).toContain('PATCH');
  expect(preflight.headers['access-control-allow-headers']).toBe(wanted);
  const { headers } = await create(3, { Origin: 'http://page.example' });
  expect(headers['access-control-allow-origin']).toBe('http://page.example');
  const told = headers['access-control-expose-headers'];
  for (const header of [
    'Location',
    'Content-Location',
    'Upload-Offset',
    'Upload-Length',
    'Upload-Expires',
    'Tus-Resumable',
  ]) {
    expect(told).toContain(header);
  }
  const other = await ask('OPTIONS', '/api/uploads', { ...asks, Origin: 'http://evil.example' });
  expect(other.headers).not.toHaveProperty('access-control-allow-origin');
});
