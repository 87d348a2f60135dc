import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { beginUpload, part, postRaw } from '../support/multipart.js';

const drive = driveFixture({ MAX_FILE_SIZE: '2000000' });

const newcomer = () => drive.newcomer();

describe('POST /api/upload', () => {
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
});
