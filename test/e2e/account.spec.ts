import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

let alice: Client;
const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const row = async () =>
  (
    await drive.probe.rows<{ name: string; email: string; createdAt: number }>(
      "SELECT name, email, createdAt FROM users WHERE username = 'alice'",
    )
  )[0]!;

describe('GET /api/user', () => {
  it('tells who I am', async () => {
    const { createdAt } = await row();
    const { status, body } = await alice.get('/api/user');
    expect(status).toBe(200);
    expect(body).toEqual({
      user: {
        id: expect.any(Number),
        username: 'alice',
        email: 'alice@example.org',
        name: 'alice',
        role: 'user',
        hasPassword: true,
        createdAt: new Date(createdAt).toISOString(),
      },
    });
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'alice'");
    expect((await alice.get('/api/user')).body.user.role).toBe('admin');
    await drive.probe.run("UPDATE users SET role = 'user' WHERE username = 'alice'");
  });

  it('tells nobody else', async () => {
    expect(await drive.anonymous().get('/api/user')).toMatchObject({
      status: 401,
      body: { error: 'User not authenticated' },
    });
  });
});

describe('PATCH /api/user', () => {
  it('changes what is given and keeps what is left out', async () => {
    expect(await alice.patch('/api/user', { name: 'Alice Liddell' })).toMatchObject({
      status: 200,
      body: {
        message: 'User updated successfully',
        user: { name: 'Alice Liddell', email: 'alice@example.org', username: 'alice', role: 'user' },
      },
    });
    expect(await row()).toMatchObject({ name: 'Alice Liddell', email: 'alice@example.org' });
    expect((await alice.patch('/api/user', { email: 'liddell@example.org' })).status).toBe(200);
    expect(await row()).toMatchObject({ name: 'Alice Liddell', email: 'liddell@example.org' });
    expect((await alice.patch('/api/user', {})).body.user.name).toBe('Alice Liddell');
  });

  it.each([
    [{ name: '' }],
    [{ name: '   ' }],
    [{ name: 'a\nb' }],
    [{ name: null }],
    [{ name: 7 }],
    [{ name: 'x'.repeat(101) }],
    [{ email: 'no address' }],
    [{ email: null }],
    [{ username: 'root' }],
    [{ role: 'admin' }],
    [{ maxStorage: 9e15 }],
    [{ id: 1 }],
    [[]],
    [null],
  ])('refuses %j, and nothing has changed', async (body) => {
    const before = await row();
    expect((await alice.patch('/api/user', body)).status).toBe(400);
    expect(await row()).toEqual(before);
  });

  it('needs somebody', async () => {
    expect((await drive.anonymous().patch('/api/user', { name: 'Eve' })).status).toBe(401);
  });
});
