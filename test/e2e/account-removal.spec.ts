import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { type Answer, Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';

const drive = driveFixture();

const remove = (client: Client, password: unknown = PASSWORD): Promise<Answer> =>
  client.request('/api/user', {
    method: 'DELETE',
    body: JSON.stringify({ password }),
    headers: { 'content-type': 'application/json' },
  });

/** Rows of every table that has a column for a user, so that no later table is forgotten. */
async function traces(userId: number): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { tableName, columns } of drive.app.get(DataSource).entityMetadatas) {
    for (const { databaseName } of columns) {
      if (!['userId', 'ownerId'].includes(databaseName) && !(tableName === 'users' && databaseName === 'id')) continue;
      const rows = await drive.probe.rows(`SELECT * FROM ${tableName} WHERE ${databaseName} = ?`, [userId]);
      if (rows.length > 0) found[tableName] = rows.length;
    }
  }
  return found;
}

/** An account with something of everything. */
async function fill(username: string): Promise<{ client: Client; id: number; link: string; token: Client }> {
  const client = await drive.signUp(username);
  const { user } = (await client.get('/api/user')).body;
  const file = await client.file('shared.txt');
  await client.put(`/api/files/${file.id}/access`, { public: true });
  const { link } = (await client.post(`/api/files/${file.id}/accesses`, { public: true })).body;
  for (let i = 0; i < 40; i++) await client.file(`file ${i}.txt`);
  const gone = await client.file('deleted.txt');
  await client.request(`/api/files/${gone.id}`, { method: 'DELETE', headers: { 'idempotency-key': 'k' } });
  const { token } = (await client.post('/api/user/tokens', { name: 'x', scopes: ['account:read'] })).body;
  const metadata = `filename ${Buffer.from('unfinished.bin').toString('base64')}`;
  const started = await client.fetch('/api/uploads', {
    method: 'POST',
    headers: { 'tus-resumable': '1.0.0', 'upload-length': '1000', 'upload-metadata': metadata },
  });
  expect(started.status).toBe(201);
  return { client, id: user.id, link, token: new Client(drive.url, token) };
}

describe('DELETE /api/user', () => {
  it('deletes the account with links, files, bytes, receipts, keys, sessions and tokens, and nobody else’s', async () => {
    const other = await drive.signUp('other');
    await other.file('mine.txt');
    const { client, id, link, token } = await fill('leaver');
    expect(Object.keys(await traces(id))).toEqual(
      expect.arrayContaining(['users', 'sessions', 'apiTokens', 'files', 'receipts', 'requestKeys', 'uploads']),
    );
    expect(await remove(client)).toMatchObject({ status: 200, body: { message: 'Account deleted successfully' } });
    expect(await traces(id)).toEqual({});
    expect((await drive.blobs()).map(({ key }) => key)).toEqual(['other/mine.txt']);
    expect([(await fetch(link)).status, (await client.get('/api/user')).status]).toEqual([404, 401]);
    expect((await token.get('/api/user')).status).toBe(401);
    expect((await other.get('/api/files')).body.files).toHaveLength(1);
    expect(await drive.violations()).toEqual([]);
    // The name is free again, and nothing of the old account comes with it.
    const successor = await drive.signUp('leaver');
    expect((await successor.get('/api/files')).body.files).toEqual([]);
    expect((await successor.get('/api/deletions')).body.receipts).toEqual([]);
  });

  it.each([['a wrong password'], [''], ['correct horse batterY']])('refuses %j, and all is there', async (password) => {
    const name = `stayer${password.length}`;
    const client = await drive.signUp(name);
    await client.file('a.txt');
    expect(await remove(client, password)).toMatchObject({
      status: 401,
      body: { error: 'Invalid username or password' },
    });
    expect((await client.get('/api/files')).body.files).toHaveLength(1);
  });

  it('refuses what is no password, guesses beyond the rate, and API tokens', async () => {
    const limited = await Drive.start({ LOGIN_LIMIT: '3/15m' });
    try {
      const client = await limited.signUp('guessed');
      for (const nothing of [7, null, ['x']]) expect((await remove(client, nothing)).status).toBe(400);
      for (const status of [401, 401, 401, 429]) expect((await remove(client, 'a guess of it')).status).toBe(status);
      const { token } = (await client.post('/api/user/tokens', { name: 'x', scopes: ['files:delete'] })).body;
      expect((await remove(new Client(limited.url, token))).body.code).toBe('beyond_scope');
      expect((await client.get('/api/user')).status).toBe(200);
    } finally {
      await limited.destroy();
    }
  });

  it('says so when it cannot be finished, shuts the user out all the same, and is finished later', async () => {
    const { client, id } = await fill('stuck');
    const lift = await drive.probe.plantFault('DELETE', 'accesses');
    expect((await remove(client)).status).toBe(500);
    expect((await client.get('/api/user')).status).toBe(401);
    expect(await drive.probe.rows('SELECT disabled FROM users WHERE id = ?', [id])).toEqual([{ disabled: 1 }]);
    await lift();
    await drive.restart();
    await expect.poll(() => traces(id)).toEqual({});
    expect((await drive.blobs()).filter(({ key }) => key.startsWith('stuck/'))).toEqual([]);
    expect(await drive.violations()).toEqual([]);
  });

  it('is finished after a restart, and cannot be stopped half-way by letting the user in again', async () => {
    const root = await drive.signUp('root');
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'root'");
    const { id } = await fill('halfway');
    const lift = await drive.probe.plantFault('DELETE', 'accesses');
    expect((await root.delete(`/api/admin/users/${id}`)).status).toBe(500);
    expect(await root.patch(`/api/admin/users/${id}`, { disabled: false })).toMatchObject({
      status: 409,
      body: { error: 'This account is being removed' },
    });
    await lift();
    await drive.restart();
    await expect.poll(() => traces(id)).toEqual({});
  });
});

describe('DELETE /api/admin/users/:userId', () => {
  it('deletes a user with everything', async () => {
    const root = await drive.anonymous().logIn('root');
    const { id } = await fill('dismissed');
    expect(await root.delete(`/api/admin/users/${id}`)).toMatchObject({
      status: 200,
      body: { message: 'User deleted successfully' },
    });
    expect(await traces(id)).toEqual({});
    expect((await root.delete(`/api/admin/users/${id}`)).status).toBe(404);
    expect(await drive.violations()).toEqual([]);
  });

  it('is for admins', async () => {
    const user = await drive.signUp('plain');
    const { id } = (await user.get('/api/user')).body.user;
    expect((await user.delete(`/api/admin/users/${id}`)).body.error).toBe('Admin access required');
    expect((await user.get('/api/user')).status).toBe(200);
  });
});
