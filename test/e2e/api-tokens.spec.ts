import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Answer, Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

interface TokenRow {
  id: number;
  name: string;
  secretHash: string;
  scopes: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
}

const drive = driveFixture();

const rows = (username: string) =>
  drive.probe.rows<TokenRow>(
    'SELECT t.* FROM apiTokens t JOIN users u ON u.id = t.userId WHERE u.username = ? ORDER BY t.id',
    [username],
  );
const make = (client: Client, body: object = {}): Promise<Answer> =>
  client.post('/api/user/tokens', { name: 'a program', scopes: ['account:read'], ...body });
const withToken = (token: string) => new Client(drive.url, token);
const statusOf = async (client: Client) => (await client.get('/api/user')).status;

describe('an API token', () => {
  it('is shown once, and only its hash is kept', async () => {
    const alice = await drive.signUp('alice');
    const expiresAt = new Date(Date.now() + 3600_000).toISOString();
    const { status, body } = await make(alice, { name: 'Backup', scopes: ['files:read', 'account:read'], expiresAt });
    const [row] = (await rows('alice')) as [TokenRow];
    const apiToken = {
      id: row.id,
      name: 'Backup',
      scopes: ['files:read', 'account:read'],
      createdAt: new Date(row.createdAt).toISOString(),
      expiresAt,
      lastUsedAt: null,
    };
    expect([status, body]).toEqual([
      200,
      { message: 'Token created successfully', token: expect.stringMatching(/^ddt_[\w-]{43}$/), apiToken },
    ]);
    expect(row.secretHash).toBe(createHash('sha256').update(body.token).digest('hex'));
    expect((await alice.get('/api/user/tokens')).body).toEqual({ apiTokens: [apiToken] });
    expect((await withToken(body.token).get('/api/user/tokens')).body.apiTokens).toHaveLength(1);
  });

  it('tells when it was last used, to the minute', async () => {
    const bob = await drive.signUp('bob');
    const token = withToken((await make(bob)).body.token);
    const begin = Date.now();
    expect(await statusOf(token)).toBe(200);
    const lastUse = async () => (await rows('bob'))[0]!.lastUsedAt;
    await expect.poll(lastUse).toBeGreaterThanOrEqual(begin);
    const justNow = Date.now() - 50_000;
    await drive.probe.run('UPDATE apiTokens SET lastUsedAt = ?', [justNow]);
    expect([await statusOf(token), await lastUse()]).toEqual([200, justNow]);
    await drive.probe.run('UPDATE apiTokens SET lastUsedAt = ?', [Date.now() - 61_000]);
    expect(await statusOf(token)).toBe(200);
    await expect.poll(lastUse).toBeGreaterThan(justNow);
  });

  it('dies when it is revoked, by its owner and by nobody else, and when it has expired', async () => {
    const [carol, eve] = [await drive.signUp('carol'), await drive.signUp('eve')];
    const [first, second] = [(await make(carol)).body, (await make(carol)).body];
    const [one, two] = [withToken(first.token), withToken(second.token)];
    for (const id of [first.apiToken.id, 2147483647, 'abc', 0, '1e3', '%00'])
      expect(await eve.delete(`/api/user/tokens/${id}`)).toMatchObject({
        status: 404,
        body: { error: 'Token not found', code: 'token_not_found' },
      });
    expect([await statusOf(one), await statusOf(two)]).toEqual([200, 200]);
    expect(await carol.delete(`/api/user/tokens/${first.apiToken.id}`)).toMatchObject({
      status: 200,
      body: { message: 'Token revoked successfully' },
    });
    await drive.probe.run('UPDATE apiTokens SET expiresAt = ? WHERE id = ?', [Date.now(), second.apiToken.id]);
    expect([await statusOf(one), await statusOf(two)]).toEqual([401, 401]);
    expect((await carol.get('/api/user/tokens')).body.apiTokens).toMatchObject([{ id: second.apiToken.id }]);
  });

  it('outlives log-outs and a password change, and is as good as dead while its user is disabled', async () => {
    const dave = await drive.signUp('dave');
    const token = withToken((await make(dave)).body.token);
    const password = { currentPassword: 'correct horse battery', newPassword: 'another password' };
    expect((await dave.put('/api/user/password', password)).status).toBe(200);
    expect([await statusOf(dave), await statusOf(token)]).toEqual([401, 200]);
    const disable = (value: number) =>
      drive.probe.run("UPDATE users SET disabled = ? WHERE username = 'dave'", [value]);
    await disable(1);
    expect(await statusOf(token)).toBe(401);
    await disable(0);
    expect(await statusOf(token)).toBe(200);
  });

  it('does within its scopes what its user may, and not more', async () => {
    const [frank, grace] = [await drive.signUp('frank'), await drive.signUp('grace')];
    const [own, other] = [await frank.file('a.txt'), await grace.file('b.txt')];
    const token = withToken((await make(frank, { scopes: ['files:read', 'files:write'] })).body.token);
    expect((await token.upload('c.txt')).status).toBe(200);
    expect((await token.get('/api/files')).body.files).toHaveLength(2);
    expect((await token.get(`/api/files/${other.id}`)).status).toBe(403);
    expect(await token.delete(`/api/files/${own.id}`)).toMatchObject({
      status: 403,
      body: { error: 'This token does not allow that', code: 'beyond_scope' },
    });
    expect((await frank.get(`/api/files/${own.id}`)).status).toBe(200);
  });

  it('makes no other one, changes no password and ends no session', async () => {
    const heidi = await drive.signUp('heidi');
    const scopes = ['files:read', 'files:write', 'files:delete', 'sharing', 'account:read'];
    const token = withToken((await make(heidi, { scopes })).body.token);
    const refused = { status: 403, body: { code: 'beyond_scope' } };
    expect(await make(token)).toMatchObject(refused);
    expect(await token.put('/api/user/password', {})).toMatchObject(refused);
    expect(await token.request('/api/logout', { method: 'POST' })).toMatchObject(refused);
    expect(await rows('heidi')).toHaveLength(1);
  });

  it('has the scope of admins only for an admin, and for as long as he is one', async () => {
    const ivan = await drive.signUp('ivan');
    expect(await make(ivan, { scopes: ['admin'] })).toMatchObject({
      status: 403,
      body: { error: 'Admin access required' },
    });
    expect(await rows('ivan')).toEqual([]);
    const setRole = (role: string) => drive.probe.run("UPDATE users SET role = ? WHERE username = 'ivan'", [role]);
    await setRole('admin');
    const token = withToken((await make(ivan, { scopes: ['admin'] })).body.token);
    expect((await token.get('/api/admin/users/limits')).status).toBe(200);
    expect((await token.get('/api/files')).body.code).toBe('beyond_scope');
    await setRole('user');
    expect((await token.get('/api/admin/users/limits')).body.code).toBe('admin_required');
  });

  it.each([
    ['no name', { name: undefined }],
    ['an empty name', { name: '' }],
    ['a blank name', { name: '  ' }],
    ['a name of two lines', { name: 'a\nb' }],
    ['a name of 101 characters', { name: 'x'.repeat(101) }],
    ['no scopes', { scopes: undefined }],
    ['an empty list of scopes', { scopes: [] }],
    ['an unknown scope', { scopes: ['files:everything'] }],
    ['a scope twice', { scopes: ['sharing', 'sharing'] }],
    ['scopes that are no list', { scopes: 'sharing' }],
    ['a scope that is a list', { scopes: [['sharing']] }],
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }],
    ['an end that is no time', { expiresAt: 'tomorrow' }],
    ['a field of its own', { lastUsedAt: 1 }],
  ])('is refused with %s, and nothing is made', async (_what, body) => {
    const client = await drive.anonymous().logIn('alice');
    const before = await rows('alice');
    expect((await make(client, body)).status).toBe(400);
    expect(await rows('alice')).toEqual(before);
  });

  it.each(['ddt_', 'ddt_x', `ddt_${'A'.repeat(43)}`, `ddt_${'A'.repeat(5000)}`, 'ddt_%00', 'ddt_a b'])(
    'is not made up: %.40s',
    async (token) => {
      const { status, body } = await drive
        .anonymous()
        .with({ authorization: `Bearer ${token}` })
        .get('/api/user');
      expect([status, body.error]).toEqual([401, 'User not authenticated']);
    },
  );
});

describe('a user', () => {
  it('has at most 50, also when many are made at once; expired ones make way', async () => {
    const judy = await drive.signUp('judy');
    const answers = await Promise.all(Array.from({ length: 60 }, () => make(judy)));
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect([count(200), count(403)]).toEqual([50, 10]);
    expect(answers.find(({ status }) => status === 403)!.body.code).toBe('token_limit_exceeded');
    expect(await rows('judy')).toHaveLength(50);
    await drive.probe.run('UPDATE apiTokens SET expiresAt = ? WHERE id = ?', [1, (await rows('judy'))[0]!.id]);
    expect([(await make(judy)).status, (await make(judy)).status]).toEqual([200, 403]);
    expect(await rows('judy')).toHaveLength(50);
  });
});
