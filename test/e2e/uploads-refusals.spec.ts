import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { nothing, ROOM, roomOf, SMALL_ROOM } from '../support/room.js';
import { idOf, metadataOf, tusNewcomer } from '../support/tus.js';

const drive = driveFixture(SMALL_ROOM);

const newcomer = () => tusNewcomer(drive);

describe('a refusal comes before a byte', () => {
  it.each([
    ['a name that nobody may have', { 'upload-metadata': metadataOf('a/b') }, 400, 'invalid_file_name'],
    ['no name', { 'upload-metadata': 'filetype YQ==' }, 400, 'invalid_upload'],
    ['more than a file may have', { 'upload-length': '2000001' }, 403, 'storage_limit_exceeded'],
    ['no room', { 'upload-length': String(ROOM + 1) }, 403, 'storage_limit_exceeded'],
    ['a part of a concatenation', { 'upload-concat': 'partial' }, 400, 'invalid_upload'],
  ])('%s', async (_what, headers, status, code) => {
    const { client, tus } = await newcomer();
    expect(await tus.create('a', 3, headers as Record<string, string>)).toMatchObject({ status, body: { code } });
    expect(await roomOf(client)).toMatchObject(nothing);
  });

  it('a name that is taken, and one that another upload has', async () => {
    const { client, tus } = await newcomer();
    await client.file('a.txt');
    expect((await tus.create('A.TXT', 3)).body).toMatchObject({ code: 'name_taken' });
    const path = await tus.begin('b.txt', 3);
    await tus.append(path, 0, 'x');
    expect((await tus.create('B.TXT', 3)).body).toMatchObject({ code: 'name_taken', uploadId: idOf(path) });
    await tus.end(path);
  });

  it('one that nothing has come of makes way for the next of its name', async () => {
    const { client, tus } = await newcomer();
    const first = await tus.begin('a', 3);
    const second = await tus.begin('A', 4);
    expect((await tus.look(first)).status).toBe(410);
    expect((await client.get('/api/uploads')).body.uploads).toMatchObject([{ id: idOf(second), length: 4 }]);
    await tus.append(second, 0, 'abcd');
  });

  it('a client that asks before it sends is answered before it sends', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 3);
    const raw = await tus.sending(path, 2, ['Content-Length: 1', 'Expect: 100-continue']);
    expect((await raw.answer()).status).toBe(409);
    raw.destroy();
    await tus.end(path);
  });

  it('more bytes than were announced, with and without a declared length', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 3);
    expect((await tus.append(path, 0, 'abcd')).status).toBe(413);
    const raw = await tus.sending(path, 0, ['Transfer-Encoding: chunked'], '4', 'abcd', '0', '', '');
    expect((await raw.answer()).status).toBe(413);
    raw.destroy();
    expect(await tus.offset(path)).toBe(0);
    await tus.end(path);
  });
});
