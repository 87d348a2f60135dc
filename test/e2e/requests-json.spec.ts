import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { accessNow, share } from '../support/sharing.js';

let alice: Client;
const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

describe('JSON', () => {
  const account = (username: string, password: string) => ({
    ...{ username, password },
    ...{ email: `${username}@example.org`, name: 'Jürgen' },
  });
  const send = (path: string, body: Buffer, contentType = 'application/json', method = 'POST', client = alice) =>
    client.request(path, { method, body: new Uint8Array(body), headers: { 'content-type': contentType } });
  const latin1 = (value: unknown) => Buffer.from(JSON.stringify(value), 'latin1');
  const utf8 = (value: unknown) => Buffer.from(JSON.stringify(value));

  it('in another encoding makes no account, changes no password and no name', async () => {
    const made = await send('/api/signup', latin1(account('juergen', 'geheimüpass')));
    expect([made.status, made.body.error, made.body.details]).toEqual([
      ...[400, 'Invalid request body', { body: ['must be UTF-8'] }],
    ]);
    expect(await drive.probe.rows("SELECT id FROM users WHERE username = 'juergen'")).toEqual([]);
    const change = { currentPassword: PASSWORD, newPassword: 'geheimüpass' };
    expect((await send('/api/user/password', latin1(change), 'application/json', 'PUT')).status).toBe(400);
    expect((await alice.get('/api/files')).status).toBe(200);
    await drive.anonymous().logIn('alice');
  });

  it.each(['iso-8859-1', 'utf-16', '"windows-1252"'])('that says to be in %s is refused', async (charset) => {
    const { status, body } = await send(
      '/api/login',
      utf8(account('alice', PASSWORD)),
      `application/json; charset=${charset}`,
    );
    expect([status, body.error]).toEqual([400, 'Invalid request body']);
  });

  it.each([
    ...['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON'],
    ...['application/json; charset="utf-8"', 'application/json;odata=verbose'],
  ])('is understood as %s', async (contentType) => {
    const log = { username: 'alice', password: PASSWORD };
    expect((await send('/api/login', utf8(log), contentType)).status).toBe(200);
    const marked = Buffer.from(`\uFEFF${JSON.stringify(log)}`);
    expect((await send('/api/login', marked, contentType)).status).toBe(200);
  });

  it('without its Content-Type is told what is missing', async () => {
    for (const contentType of ['application/x-www-form-urlencoded', 'text/plain', '']) {
      const { status, body } = await send('/api/login', utf8({ username: 'alice', password: PASSWORD }), contentType);
      expect([status, body.error, body.details]).toEqual([
        ...[400, 'Invalid request body'],
        { body: ['must be JSON, sent with Content-Type: application/json'] },
      ]);
    }
    for (const value of [[], null, 'alice', 1]) {
      const { body } = await send('/api/login', utf8(value));
      expect([body.error, body.details]).toEqual(['Invalid request body', { body: ['must be a JSON object'] }]);
    }
  });
});

describe('an access', () => {
  it('is taken back by PUT as GET gave it, and stays what it was', async () => {
    for (const settings of [{}, { expires: '2030-01-31T12:00:00Z', ttl: 3, enableTTL: true, ips: ['192.0.2.7'] }]) {
      const shared = await share(alice, settings);
      const before = await accessNow(alice, shared);
      const { status, body } = await alice.put(`/api/accesses/${before.id}`, before);
      expect([status, body.access]).toEqual([200, before]);
    }
  });

  it('keeps an expiry that is past where it is sent back, and takes no new one', async () => {
    const shared = await share(alice);
    const past = new Date(Date.now() - 1_000);
    await drive.probe.run('UPDATE accesses SET expiresAt = ? WHERE id = ?', [past.getTime(), shared.access.id]);
    const before = await accessNow(alice, shared);
    const path = `/api/accesses/${before.id}`;
    expect(await alice.put(path, { ...before, name: 'renamed' })).toMatchObject({
      status: 200,
      body: { access: { name: 'renamed', expires: past.toISOString() } },
    });
    const other = new Date(past.getTime() - 1).toISOString();
    expect(await alice.put(path, { expires: other })).toMatchObject({
      status: 400,
      body: { details: { expires: ['expires must be in the future'] } },
    });
    expect((await alice.put(path, { expires: null })).body.access.expires).toBeNull();
  });

  it('says what is wrong with an empty expiry, and takes null for none of every field that may be null', async () => {
    const shared = await share(alice, { ttl: 2 });
    const path = `/api/accesses/${shared.access.id}`;
    const { status, body } = await alice.put(path, { expires: '' });
    expect([status, body.error]).toEqual([
      400,
      expect.stringMatching(/^expires must be a date and time as in RFC 3339/),
    ]);
    expect((await alice.put(path, { ttl: null, expires: null })).body.access).toMatchObject({
      ttl: null,
      expires: null,
    });
    expect((await alice.put(path, { ttl: null, enableTTL: true })).body.error).toBe(
      'ttl is required when enableTTL is true',
    );
  });
});

describe('people', () => {
  it('may have an e-mail address at a host without a dot', async () => {
    for (const [n, email] of ['bob@localhost', 'bob@nas', 'bob@[192.0.2.7]'].entries()) {
      const account = { username: `bob${n}`, password: PASSWORD, email, name: 'Bob' };
      expect([email, (await drive.anonymous().post('/api/signup', account)).status]).toEqual([email, 200]);
    }
    const account = { username: 'bob9', password: PASSWORD, email: 'bob', name: 'Bob' };
    expect((await drive.anonymous().post('/api/signup', account)).status).toBe(400);
  });

  it('may log in with blanks around their name, but not around their password', async () => {
    for (const username of [' alice', 'alice ', '\tAlice\u00A0'])
      expect((await drive.anonymous().post('/api/login', { username, password: PASSWORD })).status).toBe(200);
    const { status } = await drive.anonymous().post('/api/login', { username: 'alice', password: `${PASSWORD} ` });
    expect(status).toBe(401);
  });
});
