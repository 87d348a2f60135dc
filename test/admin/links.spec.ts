import { beforeAll, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

const DAY = 24 * 60 * 60 * 1000;

let ids: Record<string, number>;
const links: Record<string, string> = {};
const run = (...args: string[]) => admin(drive.config, ['links', ...args]);
const left = async () =>
  (await drive.probe.rows<{ name: string }>('SELECT name FROM accesses ORDER BY id')).map(({ name }) => name);

async function share(client: Client, name: string): Promise<void> {
  const { id } = await client.file(`${name}.txt`, name);
  await client.put(`/api/files/${id}/access`, { public: true });
  const { body } = await client.post(`/api/files/${id}/accesses`, { name, public: true });
  ids[name] = id;
  links[name] = new URL(body.link).pathname;
}

const drive = driveFixture();
beforeAll(async () => {
  ids = {};
  const [alice, bob] = [await drive.signUp('alice'), await drive.signUp('bob')];
  for (const name of ['old', 'used', 'expired', 'fresh']) await share(alice, name);
  await share(bob, 'bobs');
  const { run: change } = drive.probe;
  await change(`UPDATE accesses SET createdAt = ${Date.now() - 100 * DAY} WHERE name IN ('old', 'used')`);
  await change(`UPDATE accesses SET lastUsedAt = ${Date.now() - DAY} WHERE name = 'used'`);
  await change(`UPDATE accesses SET expiresAt = ${Date.now() - DAY} WHERE name = 'expired'`);
});

it('lists links by what is asked for, and never the links themselves', async () => {
  const { out, json } = await run('list', '--json');
  expect(json.map(({ name }) => name)).toEqual(['old', 'used', 'expired', 'fresh', 'bobs']);
  expect(json[0]).toMatchObject({ username: 'alice', fileName: 'old.txt', public: true, uses: 0, lastUsedAt: null });
  for (const link of Object.values(links)) expect(out).not.toContain(link.split('/').at(-1));
  expect((await run('list', '--user', 'bob')).out).toMatch(/bobs\.txt/);
  expect((await run('list', '--file', String(ids.fresh), '--json')).json.map(({ name }) => name)).toEqual(['fresh']);
  expect((await run('list', '--older-than', '200d')).out).toBe('No links\n');
});

it('revokes nothing that it was not told to', async () => {
  expect((await run('revoke')).err).toMatch(/Say which links/);
  expect((await run('revoke', '--older-than', 'long')).err).toBe(
    'error: --older-than must be a time such as 12h or 90d\n',
  );
  expect((await run('revoke', '--user', 'bob', '--dry-run')).out).toBe('1 link would be revoked.\n');
  expect(await left()).toHaveLength(5);
});

it('revokes by age, by use, by expiry and by owner: the links are dead at once', async () => {
  expect((await run('revoke', '--older-than', '90d', '--unused-for', '30d', '--json')).json).toEqual([
    { revoked: 1, dryRun: false },
  ]);
  expect(await left()).toEqual(['used', 'expired', 'fresh', 'bobs']);
  expect((await drive.anonymous().fetch(links.old!)).status).toBe(404);
  expect((await drive.anonymous().fetch(links.used!)).status).toBe(200);
  await run('revoke', '--expired');
  expect(await left()).toEqual(['used', 'fresh', 'bobs']);
  expect((await run('revoke', '--user', 'alice')).out).toBe('2 links revoked.\n');
  expect(await left()).toEqual(['bobs']);
  expect(await drive.violations()).toEqual([]);
});
