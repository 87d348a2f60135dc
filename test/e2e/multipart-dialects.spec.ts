import { beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

let alice: Client;
const drive = driveFixture({}, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

/** Sends the very bytes. */
const send = (body: string | Buffer, contentType = 'multipart/form-data; boundary=b'): Promise<Answer> =>
  alice.request('/api/upload', { method: 'POST', body: Buffer.from(body), headers: { 'content-type': contentType } });
const part = (head: string, content = 'hello') => `--b\r\n${head}\r\n\r\n${content}\r\n`;
const file = (name: string, content?: string) =>
  part(`Content-Disposition: form-data; name="file"; filename="${name}"`, content);
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
const END = '--b--\r\n';

async function stored({ status, body }: Answer): Promise<[status: number, name: string, text: string]> {
  const content = await alice.fetch(`/api/files/${body.file?.id}/content`);
  return [status, body.file?.name, await content.text()];
}

describe('an upload by a client of its own dialect', () => {
  const star = (name: string) => `filename*=utf-8''${encodeURIComponent(name)}`;
  const quoted = (name: string) => `filename="${name}"`;

  it.each([
    [
      'React Native',
      'rn 1.jpg',
      (name: string) =>
        `content-disposition: form-data; name="file"; ${quoted(name)}; ${star(name)}\r\ncontent-type: image/jpeg`,
    ],
    [
      'React Native, with marks',
      "Bob's;b, (c).jpg",
      (name: string) => `content-disposition: form-data; name="file"; ${quoted(name)}; ${star(name)}`,
    ],
    [
      'OkHttp, with a length that is wrong',
      'ok.png',
      (name: string) => `Content-Disposition: form-data; name="file"; ${quoted(name)}\r\nContent-Length: 92`,
    ],
    [
      '.NET',
      '新建.txt',
      (name: string) =>
        `Content-Disposition: form-data; name=file; filename="=?utf-8?B?5paw5bu6LnR4dA==?="; ${star(name)}`,
    ],
    [
      '.NET, plain',
      'net.csv',
      (name: string) => `Content-Disposition: form-data; name=file; filename=${name}; ${star(name)}`,
    ],
    ['requests of old', 'файл', (name: string) => `Content-Disposition: form-data; name="file"; ${star(name)}`],
    [
      'one that puts filename* first',
      'файл 2',
      (name: string) => `Content-Disposition: form-data; name="file"; ${star(name)}; filename="fallback.txt"`,
    ],
    [
      'Dart',
      'dart.jpg',
      (name: string) => `content-type: image/jpeg\r\ncontent-disposition: form-data; name="file"; ${quoted(name)}`,
    ],
    [
      'Apache HttpClient',
      'apache.bin',
      (name: string) =>
        `Content-Disposition: form-data; name="file"; ${quoted(name)}\r\nContent-Transfer-Encoding: binary`,
    ],
    [
      'one in capitals',
      'capital.bin',
      (name: string) => `CONTENT-DISPOSITION: FORM-DATA; NAME="file"; FILENAME="${name}"`,
    ],
    ['one without blanks', 'tight.bin', (name: string) => `Content-Disposition:form-data;name="file";${quoted(name)}`],
    ['JavaMail', 'folded.bin', (name: string) => `Content-Disposition: form-data; name="file";\r\n\t${quoted(name)}`],
  ])('%s gets its name and its bytes', async (_client, name, head) => {
    expect(await stored(await send(part(head(name)) + END))).toEqual([200, name, 'hello']);
  });

  it.each([
    ['AFNetworking', 'multipart/form-data; charset=utf-8; boundary=Boundary+0F9E', 'Boundary+0F9E'],
    ['.NET', 'multipart/form-data; boundary="182e92b9-ebbb"', '182e92b9-ebbb'],
    ['all characters', `multipart/form-data; boundary="'()+_,-./:=?aZ09 b"`, "'()+_,-./:=?aZ09 b"],
    ['capitals', 'MULTIPART/FORM-DATA; BOUNDARY=cap', 'cap'],
  ])('has a boundary as it likes: %s', async (client, contentType, boundary) => {
    const body = (file(`${client}.txt`) + END).replaceAll('--b', `--${boundary}`);
    expect(await stored(await send(body, contentType))).toEqual([200, `${client}.txt`, 'hello']);
  });

  it('may say the name in a field before the file, for one that can only send an encoded name', async () => {
    const name = 'Urlaub äöü.jpg';
    const body = field('lastModified', '1') + field('name', name) + file(encodeURIComponent(name)) + END;
    expect(await stored(await send(body))).toEqual([200, name, 'hello']);
    const after = field('name', '') + file('own.txt') + field('name', 'late.txt') + END;
    expect(await stored(await send(after))).toEqual([200, 'own.txt', 'hello']);
    for (const wrong of ['a/b', ' a', '\u202E']) {
      const { status, body: answer } = await send(field('name', wrong) + file('fine.txt') + END);
      expect([status, answer.error]).toEqual([400, 'Invalid file name']);
    }
  });

  it('may be empty, without a line of its own', async () => {
    expect(await stored(await send(file('empty1.txt', '') + END))).toEqual([200, 'empty1.txt', '']);
    const shared = `--b\r\nContent-Disposition: form-data; name="file"; filename="empty2.txt"\r\n\r\n--b--\r\n`;
    expect(await stored(await send(shared))).toEqual([200, 'empty2.txt', '']);
  });

  it('is refused where its name is not UTF-8, and no character is replaced', async () => {
    const { status, body } = await send(Buffer.from(file('caf\xe9.txt') + END, 'latin1'));
    expect([status, body.error, body.details]).toEqual([400, 'Invalid file name', { name: ['is not UTF-8'] }]);
  });
});

describe('a file that contains the boundary of its own form', () => {
  const SQL = 'CREATE TABLE a;\r\n--*****************\r\n-- users\r\n--*****************\r\n\r\nDROP TABLE b;\r\n';
  const inForm = (content: string) => file('dump.sql', content).replaceAll('--b', '--*****') + '--*****--\r\n';

  it.each([
    ['as a line of a comment', inForm(SQL)],
    ['as a line of its own', inForm('one\r\n--*****\r\ntwo')],
    ['as its last line', inForm('one\r\n--*****--\r\ntwo')],
    ['as its first line', inForm('--*****\r\ntwo')],
  ])('%s, is refused and not stored in part', async (_what, body) => {
    const before = await alice.get('/api/user/limits');
    const { status, body: answer } = await send(body, 'multipart/form-data;boundary=*****');
    expect([status, answer.error]).toEqual([400, 'No file provided']);
    expect(answer.details.body).toHaveLength(1);
    expect((await alice.get('/api/user/limits')).body).toEqual(before.body);
    expect([await drive.temporaryFiles(), await drive.violations()]).toEqual([[], []]);
  });

  it.each([
    ['a second part without headers', file('a') + '--b\r\n\r\ntwo\r\n' + END],
    ['a second part whose headers are none', file('a') + '--b\r\nnot a header\r\n\r\ntwo\r\n' + END],
    ['a second part whose headers never end', file('a') + '--bother two\r\n' + END],
    ['a second part that is no form-data', file('a') + part('Content-Disposition: attachment; filename="x"') + END],
    ['a first part without headers', '--b\r\n\r\ntwo\r\n' + file('a') + END],
    ['a last boundary without hyphens', file('a') + '--b\r\n'],
    [
      'a part of which nobody knows how it is encoded',
      part('Content-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name="file"; filename="a"') + END,
    ],
    ['a file in another part as well', file('a') + file('b').replace('name="file"', 'name="thumbnail"') + END],
    ['a name that is said twice', field('name', 'a') + field('name', 'b') + file('a') + END],
  ])('is what %s may be, and refused', async (_what, body) => {
    const { status, body: answer } = await send(body);
    expect([status, answer.error]).toEqual([400, 'No file provided']);
    expect((await alice.get('/api/files?q=thumbnail')).body.files).toEqual([]);
  });
});

describe('what is no form', () => {
  it('is told what was expected', async () => {
    for (const contentType of [
      'application/octet-stream',
      'multipart/form-data',
      'application/x-www-form-urlencoded',
    ]) {
      const { status, body } = await send('hello', contentType);
      expect([status, body.error]).toEqual([400, 'No file provided']);
      expect(body.details.body[0]).toMatch(/must be multipart\/form-data with a boundary/);
    }
  });
});
