import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { parallel, tally } from '../support/sharing.js';

const MOST_OF_A_FILE = 1_000;
const MOST_OF_AN_OWNER = 20_000;
const LARGEST_ANSWER = 1024 * 1024;

let alice: Client;
let mallory: Client;
const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
  mallory = await drive.signUp('mallory');
});

/** Accesses, straight into the table. */
async function plant(fileId: number, count: number): Promise<void> {
  for (let n = 0; n < count; n += 500) {
    const rows = Array.from({ length: Math.min(500, count - n) }, () => {
      const link = crypto.randomUUID().replaceAll('-', '');
      return `(${fileId}, (SELECT ownerId FROM files WHERE id = ${fileId}), 'x', '${link}', '[]', '[]', 1, 0, 0, 0, '{}', 0)`;
    });
    await drive.probe.run(
      `INSERT INTO accesses (fileId, ownerId, name, link, subnets, ips, public, oneTimeUse, enableTTL, uses, refusals, createdAt) VALUES ${rows.join()}`,
    );
  }
}

/** All pages of a list. */
async function everyPage(client: Client, path: string): Promise<Record<string, any>[][]> {
  const pages: Record<string, any>[][] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const separator = path.includes('?') ? '&' : '?';
    const { status, body } = await client.get(`${path}${cursor && `${separator}cursor=${cursor}`}`);
    expect(status).toBe(200);
    pages.push(body.accesses);
    cursor = body.nextCursor as string | null;
  }
  return pages;
}

const ids = (pages: Record<string, any>[][]) => pages.flat().map(({ id }) => id as number);
const ascending = (numbers: number[]) => numbers.toSorted((one, other) => one - other);

describe('the accesses of a file', () => {
  it('come in pages, each once, the oldest first', async () => {
    const file = await alice.file('paged.txt');
    await plant(file.id, 120);
    const other = await alice.file('other.txt');
    await plant(other.id, 3);
    const path = `/api/files/${file.id}/accesses`;
    const pages = await everyPage(alice, path);
    expect(pages.map((page) => page.length)).toEqual([50, 50, 20]);
    expect(ids(pages)).toEqual(ascending(ids(pages)));
    expect(new Set(ids(pages)).size).toBe(120);
    expect((await everyPage(alice, `${path}?limit=120`)).map((page) => page.length)).toEqual([120]);
    expect((await everyPage(alice, `${path}?limit=119`)).map((page) => page.length)).toEqual([119, 1]);
  });

  it.each([
    ['limit=0', 'limit must be a whole number from 1 to 200'],
    ['limit=201', 'limit must be a whole number from 1 to 200'],
    ['limit=1&limit=2', 'limit must be a whole number from 1 to 200'],
    ['cursor=nonsense', 'Invalid cursor'],
    [`cursor=${Buffer.from('["1"]').toString('base64url')}`, 'Invalid cursor'],
    [`cursor=${Buffer.from('{"0":1}').toString('base64url')}`, 'Invalid cursor'],
  ])('refuse %s', async (query, error) => {
    const file = await alice.file(`${crypto.randomUUID()}.txt`);
    for (const path of [`/api/files/${file.id}/accesses`, '/api/accesses']) {
      const { status, body } = await alice.get(`${path}?${query}`);
      expect([status, body.error]).toEqual([400, error]);
    }
  });

  it('are at most 1,000, exactly, under any number at once', async () => {
    const file = await alice.file('many.txt');
    await plant(file.id, MOST_OF_A_FILE - 5);
    const create = () => alice.post(`/api/files/${file.id}/accesses`, {});
    const answers = await parallel(20, create);
    expect(tally(answers)).toEqual({ 200: 5, 403: 15 });
    const refused = answers.find(({ status }) => status === 403)!;
    expect(refused.body).toMatchObject({
      error: 'Access limit exceeded',
      currentAccesses: MOST_OF_A_FILE,
      maxAccesses: MOST_OF_A_FILE,
    });
    expect(await drive.probe.rows('SELECT id FROM accesses WHERE fileId = ?', [file.id])).toHaveLength(MOST_OF_A_FILE);
    const { access } = answers.find(({ status }) => status === 200)!.body;
    expect((await alice.delete(`/api/accesses/${access.id}`)).status).toBe(200);
    expect(tally(await parallel(3, create))).toEqual({ 200: 1, 403: 2 });
  });

  it('never make an answer of more than a MiB, however long their lists are', async () => {
    const file = await alice.file('long.txt');
    const body = {
      name: 'ü'.repeat(255),
      ips: Array.from({ length: 100 }, (_, n) => `2001:db8:1234:5678:9abc:def0:${(n + 0x1000).toString(16)}:1111`),
      subnets: Array.from({ length: 100 }, (_, n) => `2001:db8:${(n + 0x1000).toString(16)}:ffff:ffff::/96`),
    };
    await parallel(130, () => alice.post(`/api/files/${file.id}/accesses`, body));
    const path = `/api/files/${file.id}/accesses?limit=200`;
    const answer = await (await alice.fetch(path)).text();
    expect(answer.length).toBeLessThan(LARGEST_ANSWER);
    const pages = await everyPage(alice, path);
    expect(pages.length).toBeGreaterThan(1);
    expect(new Set(ids(pages)).size).toBe(130);
  });
});

describe('GET /api/accesses', () => {
  it('asks for a token', async () => {
    expect((await drive.anonymous().get('/api/accesses')).status).toBe(401);
  });

  it('lists the accesses of all files of the caller, and of nobody else', async () => {
    const bob = await drive.signUp('bob');
    const [one, two] = [await bob.file('one.txt'), await bob.file('two.txt')];
    for (const { id } of [one, two, one]) await bob.post(`/api/files/${id}/accesses`, { name: 'mine' });
    const theirs = await mallory.file('theirs.txt');
    await mallory.post(`/api/files/${theirs.id}/accesses`, {});
    const pages = await everyPage(bob, '/api/accesses?limit=2');
    expect(pages.map((page) => page.map(({ fileName }) => fileName))).toEqual([['one.txt', 'two.txt'], ['one.txt']]);
    const { body } = await bob.get(`/api/accesses/${pages[0]![0]!.id}`);
    expect(pages[0]![0]).toEqual({ ...body.access, fileName: 'one.txt', filePublic: false });
    const ofOne = await everyPage(bob, `/api/accesses?fileId=${one.id}`);
    expect(ofOne.flat().map(({ fileId }) => fileId)).toEqual([one.id, one.id]);
    expect(ids(await everyPage(bob, `/api/accesses?fileId=${theirs.id}`))).toEqual([]);
    await bob.delete(`/api/files/${one.id}`);
    expect((await everyPage(bob, '/api/accesses')).flat().map(({ fileName }) => fileName)).toEqual(['two.txt']);
  });

  it.each(['0', '01', 'x', '4294967296', ''])('refuses the file %j', async (fileId) => {
    const { status, body } = await alice.get(`/api/accesses?fileId=${fileId}`);
    expect([status, body.error]).toEqual([400, 'Invalid file ID']);
  });

  it('holds 20,000 at most; the last page costs about what the first does', async () => {
    const carol = await drive.signUp('carol');
    for (let n = 0; n < MOST_OF_AN_OWNER / MOST_OF_A_FILE; n++) {
      await plant((await carol.file(`${n}.txt`)).id, MOST_OF_A_FILE - (n === 0 ? 2 : 0));
    }
    const fresh = await carol.file('fresh.txt');
    const answers = await parallel(8, () => carol.post(`/api/files/${fresh.id}/accesses`, {}));
    expect(tally(answers)).toEqual({ 200: 2, 403: 6 });
    expect(answers.find(({ status }) => status === 403)!.body.maxAccesses).toBe(MOST_OF_AN_OWNER);
    const quickest = async (path: string) => {
      let ms = Infinity;
      for (let n = 0; n < 10; n++) {
        const began = performance.now();
        expect((await carol.get(path)).body.accesses).toHaveLength(50);
        ms = Math.min(ms, performance.now() - began);
      }
      return ms;
    };
    const [{ last }] = (await drive.probe.rows<{ last: number }>('SELECT MAX(id) AS last FROM accesses')) as [
      { last: number },
    ];
    const deep = Buffer.from(JSON.stringify([last - 60])).toString('base64url');
    expect(await quickest(`/api/accesses?cursor=${deep}`)).toBeLessThan(3 * (await quickest('/api/accesses')));
  });
});
