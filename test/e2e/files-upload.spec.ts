import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';

let alice: Client;

const drive = driveFixture({ MAX_FILE_SIZE: '2000000' });

const newcomer = () => drive.newcomer();

describe('POST /api/upload', () => {
  it('refuses who has no token', async () => {
    const answer = await drive.anonymous().upload('a.txt');
    expect([answer.status, answer.body.error]).toEqual([401, 'User not authenticated']);
    expect(await drive.blobs()).toEqual([]);
  });

  it('keeps the bytes under the name, with row, size and hash', async () => {
    alice = await newcomer();
    const { status, body } = await alice.upload("it's 100% ü 👍.txt", 'hello');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      message: 'File uploaded successfully',
      file: {
        name: "it's 100% ü 👍.txt",
        location: `${alice.username}/it's 100% ü 👍.txt`,
        size: 5,
        public: false,
        sha256: sha256('hello'),
      },
    });
    expect(await drive.blobs()).toContainEqual({ key: body.file.location, size: 5, sha256: sha256('hello') });
    expect((await alice.get('/api/user/limits')).body).toMatchObject({ currentFiles: 1, currentStorage: 5 });
  });

  it('takes an empty file, and one of many writes', async () => {
    const client = await newcomer();
    const big = Buffer.alloc(1_900_000, 'abcdefg');
    expect((await client.file('empty', '')).size).toBe(0);
    expect(await client.file('big', big)).toMatchObject({ size: 1_900_000, sha256: sha256(big) });
  });

  it('takes a name in another case or Unicode form for the same name', async () => {
    const client = await newcomer();
    await client.file('é.txt', 'first');
    for (const name of ['e\u0301.txt', 'É.TXT']) {
      const answer = await client.upload(name, 'second');
      expect([answer.status, answer.body.error]).toEqual([409, 'A file with this name already exists in your folder']);
    }
    expect(await drive.blobs()).toContainEqual({ key: `${client.username}/é.txt`, size: 5, sha256: sha256('first') });
  });

  it('gives a name to one of twenty that ask at once', async () => {
    const client = await newcomer();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => client.upload('one.txt', `bytes ${n}`)));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array(19).fill(409)]);
    const winner = answers.find(({ status }) => status === 200)!.body.file;
    expect(await drive.blobs()).toContainEqual({ key: winner.location, size: winner.size, sha256: winner.sha256 });
  });

  it('fills the room for five files exactly, however many ask at once', async () => {
    const client = await newcomer();
    await drive.probe.run('UPDATE users SET maxFiles = 5 WHERE username = ?', [client.username]);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => client.upload(`f${n}`, 'x')));
    const refused = answers.filter(({ status }) => status === 403);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    expect(refused).toHaveLength(15);
    for (const { body } of refused)
      expect(body).toMatchObject({ error: 'File limit exceeded', currentFiles: 5, maxFiles: 5 });
    expect((await client.get('/api/user/limits')).body).toMatchObject({ currentFiles: 5, remainingFiles: 0 });
  });

  it('fills the room in bytes exactly', async () => {
    const client = await newcomer();
    await drive.probe.run('UPDATE users SET maxStorage = 50 WHERE username = ?', [client.username]);
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => client.upload(`f${n}`, '0123456789')));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(5);
    const { body } = await client.upload('one more', 'x');
    expect(body).toMatchObject({ error: 'Storage limit exceeded', currentStorage: 50, maxStorage: 50, fileSize: 1 });
    // More than the owner may ever have is known before its end.
    expect((await client.upload('too much', 'x'.repeat(51))).body).toMatchObject({
      error: 'Storage limit exceeded',
      currentStorage: 50,
      maxStorage: 50,
      fileSize: 51,
    });
    expect((await client.upload('none', '')).status).toBe(200);
  });
});
