import { beforeAll, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { PART_TYPE } from '../support/tus.js';
import { tusWords } from '../support/tus-protocol.js';

/**
 * The core of tus 1.0.0 (https://tus.io/protocols/resumable-upload): every sentence that says MUST of a server, in its order and
 * by its number, word for word over a socket. What a sentence asks of a client is tested as what the server makes of it.
 */
const MAX = 100_000;
let token: string;

// Most tests leave uploads that are not whole.
const drive = driveFixture({ MAX_FILE_SIZE: String(MAX) }, { checked: 'never' });
beforeAll(async () => {
  token = (await drive.signUp('alice')).token!;
});

const { ask, create, patch, begin, offsetOf } = tusWords(() => ({ url: drive.url, token }));

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
