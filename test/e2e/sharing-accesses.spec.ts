import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { accessNow, follow, parallel, share, shareAgain, type Shared, tally } from '../support/sharing.js';

let alice: Client;
let mallory: Client;
let shared: Shared;

const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
  mallory = await drive.signUp('mallory');
  shared = await share(alice, { name: 'For Bob', ips: ['127.0.0.1'] });
});

/** Once its owner has looked, no use of before is written any more: those of unlimited links are within a second. */
const rows = () => accessNow(alice, shared).then(() => drive.probe.rows('SELECT * FROM accesses ORDER BY id'));

interface Route {
  method: string;
  /** With `:id` for the id of a file or an access. */
  path: string;
  body?: Record<string, unknown>;
  wrongBody?: Record<string, unknown>;
  invalid: string;
  missing: string;
  forbidden: string;
}

const OF_FILE = { path: '/api/files/:id/accesses', invalid: 'Invalid file ID', missing: 'File not found' };
const OF_ACCESS = { path: '/api/accesses/:id', invalid: 'Invalid access ID', missing: 'Access record not found' };
const ROUTES: Route[] = [
  {
    ...OF_FILE,
    method: 'POST',
    body: { public: true },
    wrongBody: { public: 1 },
    forbidden: "You don't have permission to create access for this file",
  },
  { ...OF_FILE, method: 'GET', forbidden: "You don't have permission to view accesses for this file" },
  { ...OF_ACCESS, method: 'GET', forbidden: "You don't have permission to view this access" },
  {
    ...OF_ACCESS,
    method: 'PUT',
    body: { name: 'Mine now' },
    wrongBody: { nme: 'x' },
    forbidden: "You don't have permission to update this access",
  },
  {
    ...OF_ACCESS,
    path: '/api/accesses/:id/access',
    method: 'PUT',
    body: { name: 'Mine now' },
    wrongBody: { name: null },
    forbidden: "You don't have permission to update this access",
  },
  { ...OF_ACCESS, method: 'DELETE', forbidden: "You don't have permission to delete this access" },
  {
    ...OF_ACCESS,
    path: '/api/accesses/:id/check',
    method: 'POST',
    body: { ip: '127.0.0.1' },
    wrongBody: { ip: '10.1' },
    forbidden: "You don't have permission to view this access",
  },
];

describe.each(ROUTES)('$method $path', ({ method, path, body, wrongBody, invalid, missing, forbidden }) => {
  const idOf = ({ file, access }: Shared) => (path.includes('files') ? file.id : access.id);
  const ask = (client: Client, id: string | number, sent = body) =>
    client.request(path.replace(':id', String(id)), {
      method,
      ...(sent ? { body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } } : {}),
    });

  it('asks for a token', async () => {
    const before = await rows();
    const { status, body } = await ask(drive.anonymous(), idOf(shared));
    expect([status, body.error]).toEqual([401, 'User not authenticated']);
    expect(await rows()).toEqual(before);
  });

  it.each(['abc', '-1', '0', '01', '1.5', '1e3', '0x1', '%201', '2147483648', '1'.repeat(200)])(
    'takes %j for no id',
    async (id) => {
      const { status, body } = await ask(alice, id, wrongBody);
      expect([status, body.error]).toEqual([400, invalid]);
    },
  );

  it('finds nothing where there is nothing, whatever the body is', async () => {
    for (const sent of [body, wrongBody]) {
      const { status, body } = await ask(alice, 2147483647, sent);
      expect([status, body.error]).toEqual([404, missing]);
    }
  });

  it("refuses another user's, whatever the body is, and changes nothing", async () => {
    const before = await rows();
    for (const sent of [body, wrongBody]) {
      const { status, body } = await ask(mallory, idOf(shared), sent);
      expect([status, body.error]).toEqual([403, forbidden]);
    }
    expect(await rows()).toEqual(before);
    expect((await follow(shared.link)).bytes.toString()).toBe(`bytes of ${shared.file.name}`);
  });

  it.runIf(wrongBody)('refuses a wrong body of the owner, and changes nothing', async () => {
    const before = await rows();
    expect((await ask(alice, idOf(shared), wrongBody)).status).toBe(400);
    expect(await rows()).toEqual(before);
  });

  it('serves the owner', async () => {
    const own = await share(alice);
    expect((await ask(alice, idOf(own))).status).toBe(200);
  });
});

describe('an access', () => {
  it('begins private, without restrictions, with a link of 128 random bits', async () => {
    const file = await alice.file('plain.txt');
    const { status, body } = await alice.post(`/api/files/${file.id}/accesses`, {});
    expect(status).toBe(200);
    const { hash, id, createdAt } = body.access;
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
    expect(body).toEqual({
      message: 'Access created successfully',
      link: `${drive.url}/link/${hash}`,
      access: {
        id,
        fileId: file.id,
        name: '',
        link: `${drive.url}/link/${hash}`,
        hash,
        subnets: [],
        ips: [],
        expires: null,
        public: false,
        hasPassword: false,
        oneTimeUse: false,
        used: false,
        enableTTL: false,
        ttl: null,
        uses: 0,
        remainingUses: null,
        refusals: {},
        lastUsedAt: null,
        createdAt,
      },
    });
    expect(Math.abs(Date.parse(createdAt) - Date.now())).toBeLessThan(60_000);
    expect(await alice.get(`/api/accesses/${id}`)).toMatchObject({ status: 200, body: { access: body.access } });
  });

  it('needs no body, and has a link of its own each time', async () => {
    const { id } = await alice.file('twice.txt');
    const made = await parallel(5, () => alice.request(`/api/files/${id}/accesses`, { method: 'POST' }));
    expect(tally(made)).toEqual({ 200: 5 });
    expect(new Set(made.map(({ body }) => body.link)).size).toBe(5);
  });

  it('is listed with the others of its file, the oldest first', async () => {
    const one = await share(alice, { name: 'one' });
    const other = await shareAgain(alice, one.file.id, { name: 'other' });
    await share(alice, { name: "another file's" });
    const { status, body } = await alice.get(`/api/files/${one.file.id}/accesses`);
    expect(status).toBe(200);
    expect(body).toEqual({ accesses: [one.access, other.access], nextCursor: null });
  });

  it('is deleted once, and its link is dead at once', async () => {
    const gone = await share(alice);
    const stays = await shareAgain(alice, gone.file.id);
    const answers = await parallel(10, () => alice.delete(`/api/accesses/${gone.access.id}`));
    expect(tally(answers)).toEqual({ 200: 1, 404: 9 });
    expect(answers.find(({ status }) => status === 200)!.body).toEqual({ message: 'Access deleted successfully' });
    expect(answers.find(({ status }) => status === 404)!.body.error).toBe('Access record not found');
    expect(await drive.probe.rows('SELECT id FROM accesses WHERE id = ?', [gone.access.id])).toEqual([]);
    expect((await follow(gone.link)).status).toBe(404);
    expect((await follow(stays.link)).status).toBe(200);
  });

  it('goes with its file', async () => {
    const { file, access } = await share(alice);
    expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(200);
    expect(await drive.probe.rows('SELECT id FROM accesses WHERE fileId = ?', [file.id])).toEqual([]);
    for (const answer of [
      await alice.get(`/api/accesses/${access.id}`),
      await alice.put(`/api/accesses/${access.id}`, { name: 'x' }),
      await alice.delete(`/api/accesses/${access.id}`),
    ]) {
      expect([answer.status, answer.body.error]).toEqual([404, 'Access record not found']);
    }
    expect((await alice.get(`/api/files/${file.id}/accesses`)).status).toBe(404);
  });
});
