import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Drive, sha256 } from '../support/drive.js';
import { RawClient } from '../support/raw.js';
import { itOnDisk } from '../support/store.js';
import { metadataOf, PART_TYPE, TUS, TusClient } from '../support/tus.js';

let drive: Drive;
let count = 0;

beforeAll(async () => {
  drive = await Drive.start({ MAX_FILE_SIZE: '2000000', DEFAULT_MAX_STORAGE: '1000000' });
});
afterAll(() => drive.destroy());
afterEach(async () => expect(await drive.violations()).toEqual([]));

const ROOM = 1_000_000;

/** Somebody of the test's own, so that no test sees another's files. */
async function newcomer(): Promise<{ client: Client; tus: TusClient }> {
  const client = await drive.signUp(`user${(count += 1)}`);
  return { client, tus: new TusClient(client) };
}

const idOf = (path: string) => path.split('/').at(-1)!;
const roomOf = async (client: Client) => (await client.get('/api/user/limits')).body;
const nothing = { currentFiles: 0, currentStorage: 0, remainingFiles: 1000, remainingStorage: ROOM };

/** A connection on which a part is under way, of which so much has been sent. */
async function sending({ client }: TusClient, path: string, length: number, sent: string): Promise<RawClient> {
  const raw = await RawClient.connect(drive.url);
  const head = [
    `PATCH ${path} HTTP/1.1`,
    'Host: drive',
    `Authorization: Bearer ${client.token}`,
    'Tus-Resumable: 1.0.0',
  ];
  raw.send(...head, `Content-Type: ${PART_TYPE}`, 'Upload-Offset: 0', `Content-Length: ${length}`, '', sent);
  return raw;
}

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Resolves once so many bytes of an upload are on the disk, durable or not. */
async function taken(path: string): Promise<void> {
  const rows = await drive.probe.rows<{ fileId: number }>(`SELECT fileId FROM uploads WHERE id = '${idOf(path)}'`);
  await until(async () => (await drive.temporaryFiles()).includes(String(rows[0]!.fileId)));
}

describe('an upload in parts', () => {
  it('becomes a file with its last part', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('ä b.txt', 11);
    expect(path).toMatch(/^\/api\/uploads\/[0-9a-f]{32}$/);
    expect((await client.get('/api/uploads')).body).toEqual({
      uploads: [{ id: idOf(path), name: 'ä b.txt', length: 11, offset: 0, expiresAt: expect.any(String) }],
    });
    expect((await tus.append(path, 0, 'hello ')).headers.get('upload-offset')).toBe('6');
    expect((await client.get('/api/files')).body.files).toEqual([]);
    const last = await tus.append(path, 6, 'world');
    expect([last.status, last.headers.get('upload-offset')]).toEqual([204, '11']);
    const file = (await client.get(last.headers.get('content-location')!)).body.file;
    expect(file).toMatchObject({ name: 'ä b.txt', size: 11, sha256: sha256('hello world'), public: false });
    expect((await tus.look(path)).headers.get('content-location')).toBe(`/api/files/${file.id}`);
    expect(await drive.blobs()).toContainEqual({ key: file.location, size: 11, sha256: sha256('hello world') });
    expect((await client.get('/api/uploads')).body).toEqual({ uploads: [] });
    expect(await drive.temporaryFiles()).toEqual([]);
    expect(await roomOf(client)).toMatchObject({ currentFiles: 1, currentStorage: 11, remainingStorage: ROOM - 11 });
  });

  it('may be empty, and is a file at once', async () => {
    const { client, tus } = await newcomer();
    const { status, headers } = await tus.create('empty', 0);
    expect([status, headers.get('upload-offset')]).toEqual([201, '0']);
    const { file } = (await client.get(headers.get('content-location')!)).body;
    expect(file).toMatchObject({ name: 'empty', size: 0, sha256: sha256('') });
  });

  it('may be whole with its creation', async () => {
    const { client, tus } = await newcomer();
    const { headers } = await tus.create('a', 3, {}, 'abc');
    expect(headers.get('upload-offset')).toBe('3');
    expect((await client.get(headers.get('content-location')!)).body.file.sha256).toBe(sha256('abc'));
  });

  it('holds its name and its room, and gives both back at its end', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a.txt', 1000);
    await tus.append(path, 0, 'x');
    expect(await roomOf(client)).toMatchObject({ ...nothing, remainingFiles: 999, remainingStorage: ROOM - 1000 });
    const refused = await client.upload('A.TXT', 'y');
    expect([refused.status, refused.body.uploadId]).toEqual([409, idOf(path)]);
    expect((await tus.end(path)).status).toBe(204);
    expect((await tus.look(path)).status).toBe(410);
    expect(await drive.temporaryFiles()).toEqual([]);
    expect(await roomOf(client)).toMatchObject(nothing);
    expect((await client.upload('A.TXT', 'y')).status).toBe(200);
  });

  it('keeps others from the room that it was promised, whichever way they come', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('big', ROOM - 10);
    const figures = { currentStorage: 0, maxStorage: ROOM, reservedStorage: ROOM - 10 };
    expect(await client.upload('more', 'x'.repeat(11))).toMatchObject({ status: 403, body: figures });
    expect(await tus.create('more', 11)).toMatchObject({ status: 403, body: { ...figures, fileSize: 11 } });
    expect((await client.upload('fits', 'x'.repeat(10))).status).toBe(200);
    await tus.end(path);
  });

  it('is not stopped by a limit that was lowered meanwhile', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 3);
    await drive.probe.run(`UPDATE users SET maxFiles = 0, maxStorage = 0 WHERE username = '${client.username}'`);
    expect((await tus.append(path, 0, 'abc')).headers.get('content-location')).toMatch(/files/);
    expect((await tus.create('b', 1)).status).toBe(403);
  });

  it('has room for exactly five, however many ask at once', async () => {
    const { client, tus } = await newcomer();
    const asked = Array.from({ length: 20 }, (_, n) => tus.create(`${n}`, ROOM / 5));
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(5);
    expect(statuses.filter((status) => status === 403)).toHaveLength(15);
    for (const { id } of (await client.get('/api/uploads')).body.uploads) await tus.end(`/api/uploads/${id}`);
    expect(await roomOf(client)).toMatchObject(nothing);
  });
});

describe('who may', () => {
  it("nobody without a token; and of others' uploads nobody learns anything", async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('mine', 10);
    await tus.append(path, 0, 'abc');
    const stranger = new TusClient(drive.anonymous());
    const other = (await newcomer()).tus;
    for (const ask of ['look', 'end'] as const) {
      expect((await stranger[ask](path)).status).toBe(401);
      expect((await other[ask](path)).status).toBe(404);
    }
    expect((await other.append(path, 3, 'def')).body.code).toBe('upload_not_found');
    expect((await stranger.create('a', 3)).status).toBe(401);
    for (const id of ['0', 'x'.repeat(32), 'A'.repeat(32), '0'.repeat(32)]) {
      expect((await tus.look(`/api/uploads/${id}`)).status).toBe(404);
    }
    expect(await tus.offset(path)).toBe(3);
    await tus.end(path);
  });

  it('goes on after a new log-in, and not with a token that a new password has ended', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 6);
    await tus.append(path, 0, 'abc');
    const passwords = { currentPassword: 'correct horse battery', newPassword: 'another horse battery' };
    await client.put('/api/user/password', passwords);
    expect((await tus.append(path, 3, 'def')).status).toBe(401);
    const again = new TusClient(await drive.anonymous().logIn(client.username, passwords.newPassword));
    expect((await again.append(path, 3, 'def')).headers.get('upload-offset')).toBe('6');
  });

  it('ends with its owner, who is shut out', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 6);
    await tus.append(path, 0, 'abc');
    await drive.probe.run(`UPDATE users SET disabled = 1 WHERE username = '${client.username}'`);
    await until(async () => (await drive.temporaryFiles()).length === 0);
    await until(async () => (await drive.probe.rows(`SELECT id FROM uploads WHERE reserved IS NOT NULL`)).length === 0);
  }, 20_000);
});

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
    const raw = await RawClient.connect(drive.url);
    const head = [
      `PATCH ${path} HTTP/1.1`,
      'Host: drive',
      `Authorization: Bearer ${tus.client.token}`,
      'Tus-Resumable: 1.0.0',
    ];
    raw.send(
      ...head,
      `Content-Type: ${PART_TYPE}`,
      'Upload-Offset: 2',
      'Content-Length: 1',
      'Expect: 100-continue',
      '',
      '',
    );
    expect((await raw.answer()).status).toBe(409);
    raw.destroy();
    await tus.end(path);
  });

  it('more bytes than were announced, with and without a declared length', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 3);
    expect((await tus.append(path, 0, 'abcd')).status).toBe(413);
    const raw = await RawClient.connect(drive.url);
    const head = [
      `PATCH ${path} HTTP/1.1`,
      'Host: drive',
      `Authorization: Bearer ${tus.client.token}`,
      'Tus-Resumable: 1.0.0',
    ];
    raw.send(
      ...head,
      `Content-Type: ${PART_TYPE}`,
      'Upload-Offset: 0',
      'Transfer-Encoding: chunked',
      '',
      '4',
      'abcd',
      '0',
      '',
      '',
    );
    expect((await raw.answer()).status).toBe(413);
    raw.destroy();
    expect(await tus.offset(path)).toBe(0);
    await tus.end(path);
  });
});

describe('a line that breaks', () => {
  it('keeps what came, and it is durable', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 10);
    const raw = await sending(tus, path, 10, 'abcd');
    await taken(path);
    raw.destroy();
    await until(async () => (await tus.offset(path)) === 4);
    expect((await tus.append(path, 4, 'efghij')).headers.get('upload-offset')).toBe('10');
  });

  it('keeps nothing of a part with a checksum', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 10);
    const raw = await RawClient.connect(drive.url);
    const head = [
      `PATCH ${path} HTTP/1.1`,
      'Host: drive',
      `Authorization: Bearer ${tus.client.token}`,
      'Tus-Resumable: 1.0.0',
    ];
    const sum = 'Upload-Checksum: sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=';
    raw.send(...head, `Content-Type: ${PART_TYPE}`, 'Upload-Offset: 0', 'Content-Length: 5', sum, '', 'abcd');
    await taken(path);
    raw.destroy();
    expect(await tus.offset(path)).toBe(0);
    expect((await tus.append(path, 0, 'abcdefghij')).status).toBe(204);
  });

  it('is waited for, and one that has stalled makes way for its own client', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 10);
    const stalled = await sending(tus, path, 10, 'abcd');
    await taken(path);
    // The stalled one loses the upload; what it brought is there, so the newcomer learns where to go on.
    expect(await tus.append(path, 0, 'abcdefghij')).toMatchObject({ status: 409, body: { offset: 4 } });
    expect((await stalled.answer()).status).toBe(423);
    stalled.destroy();
    expect((await tus.append(path, 4, 'efghij')).status).toBe(204);
  }, 15_000);

  it('one that is alive is not disturbed: 423', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 1000);
    const alive = await sending(tus, path, 1000, 'a');
    await taken(path);
    const trickle = setInterval(() => alive.socket.write('a'), 100);
    expect(await tus.append(path, 0, 'x')).toMatchObject({ status: 423, body: { code: 'upload_locked' } });
    clearInterval(trickle);
    expect((await tus.end(path)).status).toBe(204);
    alive.destroy();
  }, 15_000);
});

describe('another life of the server', () => {
  it('goes on where it was, without what nobody was told of, and knows the hash of all of it', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 9);
    await tus.append(path, 0, 'abc');
    drive = await drive.restart();
    const again = new TusClient(Object.assign(client, { url: drive.url }));
    expect(await again.offset(path)).toBe(3);
    await again.append(path, 3, 'def');
    const { headers } = await again.append(path, 6, 'ghi');
    const { file } = (await client.get(headers.get('content-location')!)).body;
    expect(file.sha256).toBe(sha256('abcdefghi'));
  });

  itOnDisk(
    'a thousand unfinished uploads delay no start, and are all there after it',
    async () => {
      const { client, tus } = await newcomer();
      await drive.probe.run(`UPDATE users SET maxFiles = 5000 WHERE username = '${client.username}'`);
      for (let n = 0; n < 1000; n += 50) {
        const some = Array.from({ length: 50 }, (_, at) => tus.create(`${n + at}`, 10));
        expect((await Promise.all(some)).every(({ status }) => status === 201)).toBe(true);
      }
      expect(await tus.create('one more', 1)).toMatchObject({ status: 403, body: { code: 'upload_limit_exceeded' } });
      drive = await drive.restart();
      Object.assign(client, { url: drive.url });
      const { uploads } = (await client.get('/api/uploads')).body;
      expect(uploads).toHaveLength(1000);
      const user = `SELECT id FROM users WHERE username = '${client.username}'`;
      await drive.probe.run(`UPDATE uploads SET expiresAt = 0 WHERE ownerId IN (${user})`);
      await until(async () => (await drive.probe.rows("SELECT id FROM files WHERE state = 'pending'")).length === 0);
      expect((await client.get('/api/uploads')).body.uploads).toEqual([]);
      expect(await client.request(`/api/uploads/${uploads[0].id}`, { method: 'HEAD', headers: TUS })).toMatchObject({
        status: 410,
      });
    },
    120_000,
  );

  it('touches no file when a finished upload ends or expires', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 3);
    await tus.append(path, 0, 'abc');
    expect((await tus.end(path)).status).toBe(204);
    expect((await tus.look(path)).status).toBe(410);
    expect((await client.get('/api/files')).body.files).toMatchObject([{ name: 'a', sha256: sha256('abc') }]);
  });
});
