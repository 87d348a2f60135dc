import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Storages } from '@app/storage';
import { afterEach, describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { onS3 } from '../support/store.js';
import { TusClient, tusNewcomer } from '../support/tus.js';

const drive = driveFixture();

const newcomer = () => tusNewcomer(drive);

describe('an upload in parts whose progress cannot be written down', () => {
  it('says so, stays where it was, and has the hash of what came after, whatever came before', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 9);
    await tus.append(path, 0, 'abc');
    const lift = await drive.probe.plantFault('UPDATE', 'uploads');
    expect((await tus.append(path, 3, 'old')).status).toBe(500);
    await lift();
    expect(await tus.offset(path)).toBe(3);
    await tus.append(path, 3, 'n');
    const { headers } = await tus.append(path, 4, 'ewer.');
    const { file } = (await client.get(headers.get('content-location')!)).body;
    expect(file).toMatchObject({ size: 9, sha256: sha256('abcnewer.') });
  });

  it('in its last part is no file, and becomes one when the part is sent again', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 3);
    const lift = await drive.probe.plantFault('UPDATE', 'files');
    // All bytes are there and written down; only the file could not be made.
    expect((await tus.append(path, 0, 'abc')).status).toBe(500);
    expect((await client.get('/api/files')).body.files).toEqual([]);
    await lift();
    const { status, headers } = await tus.look(path);
    expect([status, headers.get('upload-offset')]).toEqual([200, '3']);
    expect((await client.get(headers.get('content-location')!)).body.file.sha256).toBe(sha256('abc'));
  });
});

describe.skipIf(onS3())('an upload in parts whose name somebody takes by force, on the disk', () => {
  it('replaces nothing, keeps its bytes, and becomes a file once the name is free', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a.txt', 6);
    await tus.append(path, 0, 'abc');
    const blob = join(drive.config.dataDir, 'uploads', client.username!, 'a.txt');
    mkdirSync(dirname(blob), { recursive: true, mode: 0o700 });
    writeFileSync(blob, 'foreign');
    expect((await tus.append(path, 3, 'def')).status).toBe(500);
    expect((await tus.look(path)).status).toBe(500);
    expect(readFileSync(blob, 'utf8')).toBe('foreign');
    rmSync(blob);
    const { headers } = await tus.look(path);
    const { file } = (await client.get(headers.get('content-location')!)).body;
    expect(file).toMatchObject({ name: 'a.txt', size: 6, sha256: sha256('abcdef') });
  });

  it('can be ended, and the foreign bytes stay', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a.txt', 3);
    const blob = join(drive.config.dataDir, 'uploads', client.username!, 'a.txt');
    mkdirSync(dirname(blob), { recursive: true, mode: 0o700 });
    writeFileSync(blob, 'foreign');
    expect((await tus.append(path, 0, 'abc')).status).toBe(500);
    expect((await tus.end(path)).status).toBe(204);
    expect(readFileSync(blob, 'utf8')).toBe('foreign');
    expect(await drive.temporaryFiles()).toEqual([]);
    expect((await client.get('/api/user/limits')).body).toMatchObject({ currentFiles: 0, currentStorage: 0 });
    rmSync(blob);
    expect(existsSync(blob)).toBe(false);
  });
});

describe('an upload in parts whose owner changes', () => {
  it('is 401 in the midst of a part after a new password, keeps what came, and goes on after a log-in', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 9);
    await tus.append(path, 0, 'abc');
    const passwords = { currentPassword: 'correct horse battery', newPassword: 'another horse battery' };
    expect((await client.put('/api/user/password', passwords)).status).toBe(200);
    for (const ask of [tus.append(path, 3, 'def'), tus.look(path), tus.end(path)]) expect((await ask).status).toBe(401);
    const again = new TusClient(await drive.anonymous().logIn(client.username!, passwords.newPassword));
    expect(await again.offset(path)).toBe(3);
    const { headers } = await again.append(path, 3, 'defghi');
    expect((await again.client.get(headers.get('content-location')!)).body.file.sha256).toBe(sha256('abcdefghi'));
  });

  it('is finished in spite of limits that were lowered in the midst of it, and of no room for anything else', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 9);
    await tus.append(path, 0, 'abc');
    await drive.probe.run(`UPDATE users SET maxFiles = 1, maxStorage = 1 WHERE username = '${client.username}'`);
    expect((await tus.append(path, 3, 'def')).headers.get('upload-offset')).toBe('6');
    expect((await client.upload('b', 'x')).status).toBe(403);
    expect((await tus.create('c', 1)).status).toBe(403);
    expect((await tus.append(path, 6, 'ghi')).headers.get('content-location')).toMatch(/files/);
    const { remainingFiles, remainingStorage, currentStorage } = (await client.get('/api/user/limits')).body;
    expect([remainingFiles, remainingStorage, currentStorage]).toEqual([0, 0, 9]);
  });
});

describe('on a disk that holds shorter names', () => {
  const storage = () => drive.app.get(Storages, { strict: false }).current as { longestName: number };
  afterEach(() => (storage().longestName = 255));

  it('an upload in parts is refused before its first byte, and holds nothing', async () => {
    const { client, tus } = await newcomer();
    storage().longestName = 143;
    const { status, body } = await tus.create('x'.repeat(144), 5);
    expect([status, body.error]).toEqual([400, 'Invalid file name']);
    expect((await client.get('/api/uploads')).body.uploads).toEqual([]);
    expect((await tus.end(await tus.begin('x'.repeat(143), 5))).status).toBe(204);
  });
});
