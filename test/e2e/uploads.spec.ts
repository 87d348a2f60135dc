import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { nothing, ROOM, roomOf, SMALL_ROOM } from '../support/room.js';
import { idOf, TusClient, tusNewcomer } from '../support/tus.js';
import { until } from '../support/until.js';

const drive = driveFixture(SMALL_ROOM);

const newcomer = () => tusNewcomer(drive);

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
