import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Answer, Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';

const drive = driveFixture();

const newcomer = () => drive.newcomer();

const key = () => crypto.randomUUID();
const withKey = (client: Client, method: string, path: string, value: string, body?: unknown): Promise<Answer> =>
  client.request(path, {
    method,
    headers: { 'idempotency-key': value, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const upload = (client: Client, name: string, bytes: string, value: string): Promise<Answer> => {
  const form = new FormData();
  form.append('file', new Blob([bytes]), name);
  return client.request('/api/upload', { method: 'POST', body: form, headers: { 'idempotency-key': value } });
};
const receiptsOf = async (client: Client) => (await client.get('/api/deletions')).body.receipts;
const rows = () => drive.probe.rows<{ answer: string; fingerprint: string }>('SELECT * FROM requestKeys');

describe('a DELETE with an Idempotency-Key', () => {
  it('sent ten times at once is ten times the same 200, and one receipt', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const value = key();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => withKey(owner, 'DELETE', `/api/files/${file.id}`, value)),
    );
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      Array.from({ length: 10 }, () => [200, { message: 'File deleted successfully' }]),
    );
    expect(await receiptsOf(owner)).toHaveLength(1);
    const again = await withKey(owner, 'DELETE', `/api/files/${file.id}`, value);
    expect([again.status, again.body]).toEqual([200, { message: 'File deleted successfully' }]);
  });

  it('without one is one 200 and nine times 404', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const answers = await Promise.all(Array.from({ length: 10 }, () => owner.delete(`/api/files/${file.id}`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(9).fill(404)]);
    expect(await receiptsOf(owner)).toHaveLength(1);
  });

  it('is answered also after the server was started anew', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const value = key();
    expect((await withKey(owner, 'DELETE', `/api/files/${file.id}`, value)).status).toBe(200);
    await drive.restart();
    const again = await drive.anonymous().logIn(owner.username);
    expect((await withKey(again, 'DELETE', `/api/files/${file.id}`, value)).status).toBe(200);
  });

  it('whose first connection broke is carried out once', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const value = key();
    const { hostname, port } = new URL(drive.url);
    const socket = connect(Number(port), hostname);
    await new Promise<void>((resolve) => {
      const head = `DELETE /api/files/${file.id} HTTP/1.1\r\nHost: drive\r\nAuthorization: Bearer ${owner.token}\r\nIdempotency-Key: ${value}\r\n\r\n`;
      socket.on('error', () => undefined).on('close', () => resolve());
      socket.write(head, () => socket.destroy());
    });
    expect((await withKey(owner, 'DELETE', `/api/files/${file.id}`, value)).status).toBe(200);
    expect(await receiptsOf(owner)).toHaveLength(1);
  });

  it('is refused when the key was used for something else', async () => {
    const owner = await newcomer();
    const [first, second] = [await owner.file('a.txt'), await owner.file('b.txt')];
    const value = key();
    expect((await withKey(owner, 'DELETE', `/api/files/${first.id}`, value)).status).toBe(200);
    for (const [method, path] of [
      ['DELETE', `/api/files/${second.id}`],
      ['DELETE', `/api/files/${first.id}?downloads=end`],
      ['POST', `/api/files/${second.id}/accesses`],
    ] as const) {
      const { status, body } = await withKey(owner, method, path, value, method === 'POST' ? {} : undefined);
      expect([status, body.error, body.code]).toEqual([
        422,
        'This Idempotency-Key was used for another request',
        'idempotency_key_reused',
      ]);
    }
    expect((await owner.get(`/api/files/${second.id}`)).status).toBe(200);
  });

  it("is the key's owner's alone", async () => {
    const [owner, other] = [await newcomer(), await newcomer()];
    const file = await owner.file('a.txt');
    const value = key();
    expect((await withKey(owner, 'DELETE', `/api/files/${file.id}`, value)).status).toBe(200);
    expect((await withKey(other, 'DELETE', `/api/files/${file.id}`, value)).status).toBe(404);
    expect((await withKey(drive.anonymous(), 'DELETE', `/api/files/${file.id}`, value)).status).toBe(401);
  });

  it('that failed is no answer to keep: the next one is carried out', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const value = key();
    const lift = await drive.probe.plantFault('DELETE', 'files');
    expect((await withKey(owner, 'DELETE', `/api/files/${file.id}`, value)).status).toBe(500);
    await lift();
    expect((await withKey(owner, 'DELETE', `/api/files/${file.id}`, value)).status).toBe(200);
    expect(await receiptsOf(owner)).toHaveLength(1);
    expect((await withKey(owner, 'DELETE', '/api/files/2147483647', key())).status).toBe(404);
    expect((await withKey(owner, 'DELETE', '/api/files/x', key())).status).toBe(400);
  });

  it.each(['', 'x'.repeat(256), 'a b', 'é'])('%j is no key', async (value) => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const { status, body } = await withKey(owner, 'DELETE', `/api/files/${file.id}`, value);
    expect([status, body.error]).toEqual([400, 'Idempotency-Key must be 1 to 255 visible ASCII characters']);
    expect((await owner.get(`/api/files/${file.id}`)).status).toBe(200);
  });

  it('is forgotten after a day, and used anew', async () => {
    const owner = await newcomer();
    const [first, second] = [await owner.file('a.txt'), await owner.file('b.txt')];
    const value = key();
    expect((await withKey(owner, 'DELETE', `/api/files/${first.id}`, value)).status).toBe(200);
    await drive.probe.run('UPDATE requestKeys SET createdAt = createdAt - 86400001');
    expect((await withKey(owner, 'DELETE', `/api/files/${first.id}`, value)).status).toBe(404);
    expect((await withKey(owner, 'DELETE', `/api/files/${second.id}`, value)).status).toBe(200);
    expect(await drive.probe.rows('SELECT * FROM requestKeys WHERE requestKey = ?', [value])).toHaveLength(1);
  });
});

describe('other requests with an Idempotency-Key', () => {
  it('delete many: the same results', async () => {
    const owner = await newcomer();
    const ids = [(await owner.file('a')).id, (await owner.file('b')).id, 2147483647];
    const value = key();
    const ask = () => withKey(owner, 'POST', '/api/files/delete', value, { ids });
    const [first, ...others] = await Promise.all([ask(), ask(), ask(), ask()]);
    expect(first!.body.deleted).toBe(2);
    for (const { status, body } of others) expect([status, body]).toEqual([200, first!.body]);
    expect(await receiptsOf(owner)).toHaveLength(2);
    expect((await withKey(owner, 'POST', '/api/files/delete', value, { ids: ids.slice(1) })).status).toBe(422);
  });

  it('upload: one file, and its answer as long as it is there', async () => {
    const owner = await newcomer();
    const value = key();
    const [first, ...others] = await Promise.all(
      Array.from({ length: 4 }, () => upload(owner, 'photo.jpg', 'the whole photo', value)),
    );
    expect([first!.status, first!.body.file.name]).toEqual([200, 'photo.jpg']);
    for (const { status, body } of others) expect([status, body]).toEqual([200, first!.body]);
    expect(await drive.blobs()).toContainEqual({
      key: `${owner.username}/photo.jpg`,
      size: 15,
      sha256: sha256('the whole photo'),
    });
    const other = await upload(owner, 'photo.jpg', 'quite another photo', value);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect((await owner.delete(`/api/files/${first!.body.file.id}`)).status).toBe(200);
    const gone = await upload(owner, 'photo.jpg', 'the whole photo', value);
    expect([gone.status, gone.body.error]).toEqual([404, 'File not found']);
    expect((await owner.get('/api/files')).body.files).toEqual([]);
  });

  it('creation of an access: one link', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const value = key();
    const ask = () => withKey(owner, 'POST', `/api/files/${file.id}/accesses`, value, { name: 'once', public: true });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status, body }) => [status, body])).toEqual(
      Array.from({ length: 3 }, () => [200, answers[0]!.body]),
    );
    expect((await owner.get(`/api/files/${file.id}/accesses`)).body.accesses).toHaveLength(1);
    const kept = (await rows()).map(({ answer }) => answer).join();
    expect(kept).not.toContain(answers[0]!.body.access.hash);
    expect(kept).toContain('accessId');
    await owner.delete(`/api/accesses/${answers[0]!.body.access.id}`);
    expect((await ask()).status).toBe(404);
  });

  it('keep nothing of names, links and bodies', async () => {
    const owner = await newcomer();
    await upload(owner, 'a very secret name.txt', 'x', key());
    expect(JSON.stringify(await rows())).not.toContain('secret name');
  });
});
