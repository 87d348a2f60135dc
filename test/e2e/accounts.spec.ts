import { describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';

const account = (username: string, fields: object = {}) => ({
  username,
  password: PASSWORD,
  email: 'somebody@example.org',
  name: 'Some Body',
  ...fields,
});

const signUp = (username: string, fields?: object) => drive.anonymous().post('/api/signup', account(username, fields));
const rows = (username: string) => drive.probe.rows('SELECT * FROM users WHERE username = ?', [username]);
const countUsers = async () => (await drive.probe.rows('SELECT id FROM users')).length;

const drive = driveFixture({ DEFAULT_MAX_FILES: '7', DEFAULT_MAX_STORAGE: '5000' });

describe('POST /api/signup', () => {
  it('makes an account with the default limits, and keeps no password', async () => {
    const begin = Date.now();
    const { status, body } = await signUp('Ada.L');
    const [row] = await rows('ada.l');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        message: 'User created successfully',
        user: {
          id: row!.id,
          username: 'ada.l',
          email: 'somebody@example.org',
          name: 'Some Body',
          createdAt: new Date(Number(row!.createdAt)).toISOString(),
        },
      },
    });
    expect(row).toMatchObject({ role: 'user', disabled: 0, maxFiles: 7, maxStorage: 5000, usedFiles: 0, usedBytes: 0 });
    expect(row!.createdAt).toBeGreaterThanOrEqual(begin);
    expect(row!.passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(JSON.stringify(row)).not.toContain(PASSWORD);
    expect(await drive.probe.rows('SELECT id FROM sessions WHERE userId = ?', [Number(row!.id)])).toEqual([]);
  });

  it('gives a name once, in whatever case', async () => {
    expect((await signUp('admin')).status).toBe(200);
    for (const name of ['admin', 'Admin', 'ADMIN']) {
      expect(await signUp(name)).toMatchObject({ status: 409, body: { error: 'Username already taken' } });
    }
    expect(await rows('admin')).toHaveLength(1);
  });

  it('gives a name once, also to 20 who want it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => signUp('wanted')));
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses).toEqual([200, ...Array(19).fill(409)]);
    expect(await rows('wanted')).toHaveLength(1);
  });

  it.each([
    { maxStorage: 9e15 },
    { maxFiles: 1 },
    { role: 'admin' },
    { id: 1 },
    { disabled: false },
    { passwordHash: 'x' },
    { createdAt: 0 },
  ])('refuses the foreign field %j', async (fields) => {
    const before = await countUsers();
    const { status, body } = await signUp('greedy', fields);
    expect(status).toBe(400);
    expect(body.error).toContain(Object.keys(fields)[0]);
    expect(await countUsers()).toBe(before);
  });

  it.each([
    ...['../x', '.tmp', 'CON', 'con.txt', 'ab', 'a b', 'a/b', 'zoë', 'a'.repeat(33), '', 12, null, ['abc'], {}].map(
      (username) => ({ username }),
    ),
    ...['1234567', 'x'.repeat(129), '😀'.repeat(7), '', 12345678, null, undefined].map((password) => ({ password })),
    ...[
      '',
      'nobody',
      'a@',
      'a@example.org, b@example.org',
      1,
      undefined,
      `${'a'.repeat(64)}@${'b.'.repeat(94)}org`,
    ].map((email) => ({ email })),
    ...['', '   ', 'a\nb', 'a\u0000', 'x'.repeat(101), 'half \ud800', 5, undefined].map((name) => ({ name })),
  ])('says what is wrong with %j', async (fields) => {
    const before = await countUsers();
    const { status, body } = await signUp('correct', fields);
    expect(status).toBe(400);
    expect(body.error).toContain(Object.keys(fields)[0]);
    expect(body.details).toHaveProperty(Object.keys(fields)[0]!);
    expect(await countUsers()).toBe(before);
  });

  it.each(['', 'null', '[]', '5', '"text"', '{', '{"username":"abc"', '{"__proto__":{"role":"admin"}}'])(
    'refuses the body %j',
    async (body) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await drive.anonymous().request('/api/signup', { method: 'POST', body, headers });
      expect(answer).toMatchObject({ status: 400, body: { error: expect.any(String) } });
    },
  );

  it.each([
    ['eight.emoji', '😀'.repeat(8)],
    ['longest', '128 characters, and a space at both ends '.padStart(127, '.').padStart(128)],
  ])('takes the password of %s whole', async (username, password) => {
    expect((await signUp(username, { password })).status).toBe(200);
    await drive.anonymous().logIn(username, password);
    for (const other of [password.trim(), password.slice(0, -1), password.toLowerCase().concat('x')]) {
      if (other === password) continue;
      expect((await drive.anonymous().post('/api/login', { username, password: other })).status).toBe(401);
    }
  });
});

describe('GET /api/user/limits', () => {
  it('asks for a token', async () => {
    const { status, body, headers } = await drive.anonymous().get('/api/user/limits');
    expect({ status, error: body.error }).toEqual({ status: 401, error: 'User not authenticated' });
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('says what is taken and what remains, never less than nothing', async () => {
    const alice = await drive.signUp('alice');
    const empty = { maxFiles: 7, maxStorage: 5000, currentFiles: 0, currentStorage: 0 };
    expect((await alice.get('/api/user/limits')).body).toEqual({
      ...empty,
      remainingFiles: 7,
      remainingStorage: 5000,
    });
    await alice.file('one.txt', 'x'.repeat(1200));
    expect((await alice.get('/api/user/limits')).body).toEqual({
      ...empty,
      currentFiles: 1,
      currentStorage: 1200,
      remainingFiles: 6,
      remainingStorage: 3800,
    });
    await drive.probe.run('UPDATE users SET maxFiles = 0, maxStorage = 1000 WHERE username = ?', ['alice']);
    expect((await alice.get('/api/user/limits')).body).toMatchObject({ remainingFiles: 0, remainingStorage: 0 });
  });
});

describe('who may sign up', () => {
  it('is nobody while sign-up is closed, whatever the body', async () => {
    const closed = await Drive.start({ SIGNUP: 'closed' });
    for (const body of [account('alice'), {}, { role: 'admin' }]) {
      const answer = await closed.anonymous().post('/api/signup', body);
      expect(answer).toMatchObject({ status: 403, body: { error: 'Sign-up is closed' } });
    }
    expect(await closed.probe.rows('SELECT id FROM users')).toEqual([]);
    await closed.destroy();
  });

  it('is limited to so many accounts from an address; refused sign-ups do not count', async () => {
    const limited = await Drive.start({ SIGNUP_LIMIT: '2/1h' });
    const statusOf = async (username: string) =>
      (await limited.anonymous().post('/api/signup', account(username))).status;
    expect(await statusOf('first')).toBe(200);
    for (let i = 0; i < 3; i++) expect(await statusOf('first')).toBe(409);
    expect(await statusOf('second')).toBe(200);
    const { status, body, headers } = await limited.anonymous().post('/api/signup', account('third'));
    expect({ status, error: body.error }).toEqual({ status: 429, error: 'Too many requests' });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(3500);
    expect(await limited.probe.rows('SELECT id FROM users')).toHaveLength(2);
    await limited.destroy();
  });
});
