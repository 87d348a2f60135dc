import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Drive, sha256 } from '../support/drive.js';
import { itOnDisk } from '../support/store.js';
import { until } from '../support/until.js';

let drive: Drive;
let alice: Client;
let count = 0;

beforeAll(async () => {
  drive = await Drive.start({ MAX_FILE_SIZE: '2000000' });
});
afterAll(() => drive.destroy());
afterEach(async () => expect(await drive.violations()).toEqual([]));

/** A user of the test's own, so that no test sees another's files. */
async function newcomer(): Promise<Client> {
  count += 1;
  return drive.signUp(`user${count}`);
}

const part = (name: string, bytes: string, field = 'file') =>
  `--b\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${bytes}\r\n`;

function postRaw(
  client: Client,
  body: string | Buffer,
  contentType: string | undefined = 'multipart/form-data; boundary=b',
) {
  const headers: Record<string, string> = contentType === '' ? {} : { 'content-type': contentType };
  return client.request('/api/upload', { method: 'POST', body: Buffer.from(body as string), headers });
}

/** Opens a socket and sends the head of an upload whose body is to follow. */
async function beginUpload(client: Client, headers: string[]): Promise<Socket> {
  const { hostname, port } = new URL(drive.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  const head = [
    'POST /api/upload HTTP/1.1',
    `Host: ${hostname}`,
    `Authorization: Bearer ${client.token}`,
    'Content-Type: multipart/form-data; boundary=b',
    ...headers,
  ];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return socket;
}

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

  it.each([
    ['no multipart', '{}', 'application/json'],
    ['no content type', 'x', ''],
    ['another content type', 'x', 'text/plain'],
    ['no boundary', part('a', 'x') + '--b--\r\n', 'multipart/form-data'],
    ['no part', '--b--\r\n', undefined],
    ['another part name', part('a', 'x', 'attachment') + '--b--\r\n', undefined],
    ['a cut off body', part('a', 'x'), undefined],
    ['a body cut off in the bytes', part('a', 'x').slice(0, -3), undefined],
    ['two files', part('a', 'x') + part('b', 'y') + '--b--\r\n', undefined],
    ['a field in its place', '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n', undefined],
    [
      'too many fields',
      '--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'.repeat(6) + part('a', 'x') + '--b--\r\n',
      undefined,
    ],
    ['an endless preamble', 'x'.repeat(1_000_000) + '\r\n' + part('a', 'x') + '--b--\r\n', undefined],
  ])('answers %s with 400 and keeps nothing', async (_what, body, contentType) => {
    const client = await newcomer();
    const answer = await postRaw(client, body, contentType);
    expect([answer.status, answer.body.error]).toEqual([400, 'No file provided']);
    expect((await client.get('/api/files')).body.files).toEqual([]);
  });

  it.each(['', '../../etc/passwd', 'a\0b', 'a\u202Eb', 'x'.repeat(256), 'a/b', 'C:\\\\a'])(
    'refuses the name %j and writes nothing',
    async (name) => {
      const client = await newcomer();
      const answer = await postRaw(client, part(name, 'x') + '--b--\r\n');
      expect([answer.status, answer.body.error]).toEqual([400, 'Invalid file name']);
      expect((await drive.blobs()).filter(({ key }) => key.startsWith(`${client.username}/`))).toEqual([]);
    },
  );

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

  it('refuses a declared size that cannot fit before the body is sent', async () => {
    const client = await newcomer();
    const socket = await beginUpload(client, ['Content-Length: 9000000000', 'Expect: 100-continue']);
    const [answer] = await once(socket, 'data');
    socket.destroy();
    expect(String(answer)).toMatch(/^HTTP\/1\.1 403 [^]*Storage limit exceeded/);
    const tooLarge = await beginUpload(client, ['Content-Length: 3000000', 'Expect: 100-continue']);
    const [second] = await once(tooLarge, 'data');
    tooLarge.destroy();
    expect(String(second)).toMatch(/^HTTP\/1\.1 413 [^]*File too large/);
  });

  it('asks for the body of an upload that it admits', async () => {
    const client = await newcomer();
    const body = `${part('waited.txt', 'x')}--b--\r\n`;
    const socket = await beginUpload(client, [`Content-Length: ${body.length}`, 'Expect: 100-continue']);
    const [first] = await once(socket, 'data');
    expect(String(first)).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    socket.write(body);
    const [second] = await once(socket, 'data');
    socket.destroy();
    expect(String(second)).toMatch(/^HTTP\/1\.1 200 /);
  });

  it('answers one byte too many with 413, with and without a declared length', async () => {
    const client = await newcomer();
    const tooLarge = Buffer.alloc(2_000_001);
    expect((await client.upload('declared', tooLarge)).status).toBe(413);
    const chunked = await client.request('/api/upload', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
      body: new Blob([part('chunked', tooLarge.toString('latin1')), '--b--\r\n']).stream(),
      duplex: 'half',
    } as RequestInit);
    expect([chunked.status, chunked.body.error]).toEqual([413, 'File too large']);
    expect((await client.upload('fits', Buffer.alloc(2_000_000))).status).toBe(200);
  });

  it('leaves nothing of an upload whose client goes away', async () => {
    const client = await newcomer();
    const socket = await beginUpload(client, ['Content-Length: 2000000']);
    socket.write(part('gone.txt', 'some bytes').slice(0, -2));
    await until(async () => (await drive.temporaryFiles()).length === 1);
    socket.destroy();
    await until(async () => (await drive.probe.rows("SELECT id FROM files WHERE name = 'gone.txt'")).length === 0);
    expect(await drive.temporaryFiles()).toEqual([]);
    expect((await client.upload('gone.txt')).status).toBe(200);
  });

  itOnDisk('leaves foreign bytes at its key alone', async () => {
    const client = await newcomer();
    await client.file('own.txt');
    const { mkdirSync, writeFileSync, readFileSync, rmSync } = await import('node:fs');
    const path = `${drive.config.dataDir}/uploads/${client.username}/foreign.txt`;
    mkdirSync(`${drive.config.dataDir}/uploads/${client.username}`, { recursive: true });
    writeFileSync(path, 'precious');
    const answer = await client.upload('foreign.txt', 'new');
    expect([answer.status, answer.body.error]).toEqual([500, 'Internal server error']);
    expect(readFileSync(path, 'utf8')).toBe('precious');
    expect(await drive.probe.rows("SELECT id FROM files WHERE name = 'foreign.txt'")).toEqual([]);
    rmSync(path);
  });

  it.each([
    ['INSERT', 'upload'],
    ['INSERT', 'uploadInChunks'],
    ['UPDATE', 'uploadInChunks'],
  ] as const)('leaves nothing when the database refuses the %s of an %s', async (event, send) => {
    const client = await newcomer();
    const lift = await drive.probe.plantFault(event, 'files');
    const answer = await client[send]('refused.txt');
    await lift();
    expect(await drive.temporaryFiles()).toEqual([]);
    expect([answer.status, answer.body.error]).toEqual([500, 'Internal server error']);
    expect(answer.body.requestId).toBe(answer.headers.get('x-request-id'));
    expect((await client.upload('refused.txt')).status).toBe(200);
  });

  it('undoes later what it could not undo at once', async () => {
    const client = await newcomer();
    const [liftUpdate, liftDelete] = [
      await drive.probe.plantFault('UPDATE', 'users'),
      await drive.probe.plantFault('DELETE', 'files'),
    ];
    expect((await client.uploadInChunks('stuck.txt')).status).toBe(500);
    expect(await drive.probe.rows("SELECT state FROM files WHERE name = 'stuck.txt'")).toEqual([{ state: 'pending' }]);
    expect((await client.upload('stuck.txt')).status).toBe(409);
    expect((await client.get('/api/files')).body.files).toEqual([]);
    await liftUpdate();
    await liftDelete();
    await drive.probe.run("UPDATE files SET createdAt = 0 WHERE name = 'stuck.txt'");
    await until(async () => (await drive.probe.rows("SELECT id FROM files WHERE name = 'stuck.txt'")).length === 0);
    expect((await client.upload('stuck.txt')).status).toBe(200);
  });
});
