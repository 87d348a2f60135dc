import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

const drive = driveFixture();

describe.each([
  ['GET', '', "You don't have permission to view this file"],
  ['GET', '/content', "You don't have permission to view this file"],
  ['PUT', '/access', "You don't have permission to modify this file"],
])('%s /api/files/:fileId%s', (method, path, forbidden) => {
  const ask = (client: Client, id: string | number, body: unknown = { public: true }) =>
    client.request(`/api/files/${id}${path}`, {
      method,
      ...(method === 'PUT' ? { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } } : {}),
    });

  it('refuses no token, then what is no id, then what is not there, then what is not mine', async () => {
    const [owner, other] = [await drive.newcomer(), await drive.newcomer()];
    const file = await owner.file('a.txt', 'a');
    const told = async (answer: ReturnType<typeof ask>) => [(await answer).status, (await answer).body.error];
    expect(await told(ask(drive.anonymous(), 'abc'))).toEqual([401, 'User not authenticated']);
    expect(await told(ask(other, 'abc', { nonsense: 1 }))).toEqual([400, 'Invalid file ID']);
    expect(await told(ask(other, 2147483647, { nonsense: 1 }))).toEqual([404, 'File not found']);
    expect(await told(ask(other, file.id, { nonsense: 1 }))).toEqual([403, forbidden]);
    expect(await drive.probe.rows('SELECT public FROM files WHERE id = ?', [file.id])).toEqual([{ public: 0 }]);
  });
});

describe('a file', () => {
  it('is seen by its owner, and made public and private', async () => {
    const owner = await drive.newcomer();
    const file = await owner.file('a.txt', 'a');
    expect((await owner.get(`/api/files/${file.id}`)).body).toEqual({ file });
    const { body } = await owner.put(`/api/files/${file.id}/access`, { public: true });
    expect(body).toMatchObject({ message: 'File access updated successfully', file: { id: file.id, public: true } });
    expect(await drive.probe.rows('SELECT public FROM files WHERE id = ?', [file.id])).toEqual([{ public: 1 }]);
    await owner.put(`/api/files/${file.id}/access`, { public: false });
    expect((await owner.get(`/api/files/${file.id}`)).body.file.public).toBe(false);
  });

  it.each([{}, { public: 'true' }, { public: 1 }, { public: null }, { public: true, size: 0 }, []])(
    'is not changed by the body %j',
    async (body) => {
      const owner = await drive.newcomer();
      const file = await owner.file('a.txt', 'a');
      expect((await owner.put(`/api/files/${file.id}/access`, body)).status).toBe(400);
      expect((await owner.get(`/api/files/${file.id}`)).body).toEqual({ file });
    },
  );
});

describe('the list', () => {
  it('refuses who has no token', async () => {
    expect((await drive.anonymous().get('/api/files')).status).toBe(401);
    expect((await drive.anonymous().get('/api/files/stats')).status).toBe(401);
  });

  it.each(['createdAt', '-createdAt', 'name', '-name', 'size', '-size'])(
    'pages through each file once by %s',
    async (sort) => {
      const owner = await drive.newcomer();
      const names = Array.from({ length: 25 }, (_, n) => `file ${n % 5}${String.fromCharCode(97 + n)}`);
      for (const [n, name] of names.entries()) await owner.file(name, 'x'.repeat(n % 4));
      await (await drive.newcomer()).file('of another');
      const listed: Record<string, any>[] = [];
      let cursor: string | null = null;
      do {
        const next: string = cursor ? `&cursor=${cursor}` : '';
        const { body } = await owner.get(`/api/files?limit=7&sort=${sort}${next}`);
        listed.push(...body.files);
        cursor = body.nextCursor;
      } while (cursor);
      expect(listed.map(({ name }) => name).toSorted()).toEqual(names.toSorted());
      const field = sort.replace('-', '');
      const values = listed.map((file) => file[field]);
      const upwards = values.toSorted((one, other) => (one < other ? -1 : one > other ? 1 : 0));
      expect(values).toEqual(sort.startsWith('-') ? upwards.toReversed() : upwards);
    },
  );

  it('jumps to a position, says how many there are in all, and goes on from there', async () => {
    const owner = await drive.newcomer();
    for (const name of ['a.txt', 'b.txt', 'c.pdf', 'd.txt', 'e.txt']) await owner.file(name);
    const names = async (query: string) => {
      const { status, body } = await owner.get(`/api/files?sort=name&${query}`);
      return [status, body.files.map((file: any) => file.name), body.total, body.nextCursor !== null];
    };
    expect(await names('position=0&limit=2')).toEqual([200, ['a.txt', 'b.txt'], 5, true]);
    expect(await names('position=3&limit=2')).toEqual([200, ['d.txt', 'e.txt'], 5, false]);
    expect(await names('position=5')).toEqual([200, [], 5, false]);
    expect(await names('position=1&limit=2&q=TXT')).toEqual([200, ['b.txt', 'd.txt'], 4, true]);
    expect(await names('limit=2')).toEqual([200, ['a.txt', 'b.txt'], undefined, true]);
    const { nextCursor } = (await owner.get('/api/files?sort=name&position=1&limit=2')).body;
    expect(await names(`cursor=${nextCursor}`)).toEqual([200, ['d.txt', 'e.txt'], undefined, false]);
    const both = await owner.get(`/api/files?sort=name&position=1&cursor=${nextCursor}`);
    expect([both.status, both.body.error]).toEqual([400, 'cursor and position do not go together']);
  });

  it('finds a part of the name in any case', async () => {
    const owner = await drive.newcomer();
    for (const name of ['Übersicht 100%.pdf', 'überall_.txt', 'other.txt']) await owner.file(name);
    const found = async (q: string) =>
      (await owner.get(`/api/files?sort=name&q=${encodeURIComponent(q)}`)).body.files.map((file: any) => file.name);
    expect(await found('ÜBER')).toEqual(['Übersicht 100%.pdf', 'überall_.txt']);
    expect(await found('%')).toEqual(['Übersicht 100%.pdf']);
    expect(await found('_')).toEqual(['überall_.txt']);
    expect(await found("'")).toEqual([]);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=1e1',
    'limit=-1',
    'limit=',
    'limit=5&limit=5',
    'sort=id',
    'position=-1',
    'position=1.5',
    'position=01',
    'position=1&position=2',
    'sort=name&sort=size',
    'cursor=abc',
    'cursor=',
    'q=a&q=b',
  ])('answers %j with 400', async (query) => {
    const { status, body } = await (await drive.newcomer()).get(`/api/files?${query}`);
    expect([status, typeof body.error]).toEqual([400, 'string']);
  });

  it.each([
    '[]',
    'null',
    '{}',
    '["-createdAt"]',
    '["-createdAt","1",1]',
    '["-createdAt",1,"1"]',
    '["-createdAt",1e999,1]',
  ])('refuses a cursor that is not ours: %s', async (forged) => {
    const cursor = Buffer.from(forged).toString('base64url');
    const { status, body } = await (await drive.newcomer()).get(`/api/files?cursor=${cursor}`);
    expect([status, body.error]).toEqual([400, 'Invalid cursor']);
  });

  it('refuses the cursor of another sort', async () => {
    const owner = await drive.newcomer();
    await owner.file('a');
    await owner.file('b');
    const { nextCursor } = (await owner.get('/api/files?limit=1&sort=name')).body;
    const { status, body } = await owner.get(`/api/files?limit=1&sort=size&cursor=${nextCursor}`);
    expect([status, body.error]).toEqual([400, 'Invalid cursor']);
  });

  it('counts by extension, the largest first', async () => {
    const owner = await drive.newcomer();
    await owner.file('a.PDF', '1234567890');
    await owner.file('b.pdf', '12345');
    await owner.file('c.txt', '123');
    await owner.file('Makefile', '1');
    expect((await owner.get('/api/files/stats')).body).toEqual({
      fileCount: 4,
      totalStorage: 19,
      fileTypes: [
        { extension: 'pdf', count: 2, totalSize: 15 },
        { extension: 'txt', count: 1, totalSize: 3 },
        { extension: 'no_extension', count: 1, totalSize: 1 },
      ],
    });
  });
});
