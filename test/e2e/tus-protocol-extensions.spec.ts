import { createHash } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { metadataOf, PART_TYPE } from '../support/tus.js';
import { creation, name, tusWords } from '../support/tus-protocol.js';

/**
 * The extensions of tus 1.0.0 (https://tus.io/protocols/resumable-upload): every sentence that says MUST of a server, in
 * its order and by its number, word for word over a socket. What a sentence asks of a client is tested as what the server
 * makes of it.
 */
const MAX = 100_000;
let token: string;

// Most tests leave uploads that are not whole.
const drive = driveFixture({ MAX_FILE_SIZE: String(MAX), CORS_ORIGINS: 'http://page.example' }, { checked: 'never' });
beforeAll(async () => {
  token = (await drive.signUp('alice')).token!;
});

const { ask, create, patch, begin, offsetOf } = tusWords(() => ({ url: drive.url, token }));
const digest = (algorithm: string, body: string) =>
  `${algorithm} ${createHash(algorithm).update(body).digest('base64')}`;

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
