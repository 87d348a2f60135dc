import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client, PASSWORD } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { beginLogIn, comeBack, cookieIn, Issuer } from '../support/issuer.js';
import { NAVIGATION, plainly } from '../support/pages.js';
import { freePort } from '../support/ports.js';
import { Server } from '../support/server.js';

const CLIENT = { OIDC_CLIENT_ID: 'defdrive', OIDC_CLIENT_SECRET: 'the secret of the test, long enough' };
const SECRET = { clientSecret: CLIENT.OIDC_CLIENT_SECRET };
const FAILED = { error: 'Log-in at the identity provider failed', code: 'oidc_failed' };
const AWAY = { error: 'Identity provider cannot be reached', code: 'oidc_unavailable' };

let port: number;
let issuer: Issuer;
let other: Issuer;
let late: Issuer;
let drive: Drive;
beforeAll(async () => {
  port = await freePort();
  const callback = `http://127.0.0.1:${port}/api/auth/oidc/callback`;
  issuer = await Issuer.create(callback, SECRET);
  other = await Issuer.create(callback, SECRET);
  late = await Issuer.create(callback, { ...SECRET, clockOffsetMs: -3_600_000 });
  await Promise.all([issuer.start(), other.start(), late.start()]);
  drive = await Drive.start({ PORT: String(port), OIDC_ISSUER: issuer.url, ...CLIENT });
});
afterAll(async () => {
  await drive?.destroy();
  await Promise.all([issuer, other, late].map((one) => one?.stop()));
});

const count = async (table: string) => Number((await drive.probe.rows(`SELECT COUNT(*) AS n FROM ${table}`))[0]!.n);
/** What a refused log-in must not touch. */
const world = async () => [await count('users'), await count('identities'), await count('sessions')];

/** The browser's session that an answer has opened. */
function clientOf(response: Response): Client {
  const cookie = cookieIn(response, 'defdrive');
  if (!cookie) throw new Error(`No session: ${response.status}`);
  return new Client(drive.url, undefined, { cookie, 'sec-fetch-site': 'same-origin' });
}

async function logIn(person: string, back?: string, at = issuer): Promise<Response> {
  const { address, cookie } = await beginLogIn(drive, back);
  return comeBack(drive, await at.logIn(address, person), cookie);
}

/** Goes from a session to the provider and back. */
async function goFrom(client: Client, path: string, body: object, person: string): Promise<Response> {
  const answer = await client.post(path, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0];
  return comeBack(drive, await issuer.logIn(answer.body.url, person), cookie);
}
const refused = async (response: Response, status = 401, body: object = FAILED) => {
  expect([response.status, await response.json()]).toMatchObject([status, body]);
  expect(cookieIn(response, 'defdrive')).toBeUndefined();
};

describe('log-in by OpenID Connect', () => {
  it('makes an account at the first log-in, opens a session, and is the same account at the second', async () => {
    const first = await logIn('ada', '/links');
    expect([first.status, first.headers.get('location')]).toEqual([303, `${drive.url}/links`]);
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^defdrive-oidc=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/i),
      expect.stringMatching(/^defdrive=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Strict$/i),
    ]);
    const { user } = (await clientOf(first).get('/api/user')).body;
    expect(user).toMatchObject({ username: 'ada', name: 'ada of the company', email: 'ada@example.org', role: 'user' });
    expect(user.hasPassword).toBe(false);
    expect((await clientOf(await logIn('ada')).get('/api/user')).body.user).toEqual(user);
    const rows = await drive.probe.rows('SELECT issuer, subject FROM identities WHERE userId = ?', [user.id]);
    expect(rows).toEqual([{ issuer: issuer.url, subject: 'ada' }]);
    const file = await clientOf(await logIn('ada')).file('mine.txt');
    expect(file.location).toBe('ada/mine.txt');
  });

  it('asks with PKCE, state and nonce, each new, and keeps them from scripts', async () => {
    const [one, two] = [await beginLogIn(drive), await beginLogIn(drive)];
    const [first, second] = [one, two].map(({ address }) => new URL(address).searchParams);
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(first!.get(name)).toMatch(/^[\w-]{43}$/);
      expect(first!.get(name)).not.toBe(second!.get(name));
    }
    expect(Object.fromEntries(first!)).toMatchObject({
      ...{ response_type: 'code', client_id: 'defdrive', code_challenge_method: 'S256' },
      redirect_uri: `${drive.url}/api/auth/oidc/callback`,
    });
    const { headers } = await drive.anonymous().fetch('/api/auth/oidc', { redirect: 'manual' });
    expect(headers.getSetCookie()).toEqual([
      expect.stringMatching(/^defdrive-oidc=[\w.-]+; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/i),
    ]);
  });

  it('is never known by name or e-mail address: who has them here already is somebody else', async () => {
    const local = await drive.signUp('grace');
    const { user } = (await clientOf(await logIn('grace')).get('/api/user')).body;
    expect(user).toMatchObject({ username: 'grace-2', email: 'grace@example.org' });
    expect((await local.get('/api/user')).body.user.id).not.toBe(user.id);
  });

  it('gives two first log-ins at once one account', async () => {
    const answers = await Promise.all(Array.from({ length: 4 }, () => logIn('twin')));
    const ids = await Promise.all(answers.map(async (one) => (await clientOf(one).get('/api/user')).body.user.id));
    expect(new Set(ids).size).toBe(1);
    expect(await drive.probe.rows("SELECT id FROM users WHERE username LIKE 'twin%'")).toHaveLength(1);
  });

  it.each([
    ['//evil.example/x'],
    ['https://evil.example/'],
    ['/\\evil.example'],
    ['/\t/evil.example'],
    ['javascript:alert(1)'],
    ['links'],
  ])('comes back to the start page instead of %j', async (back) => {
    const { status, headers } = await logIn('ada', back);
    expect([status, headers.get('location')]).toEqual([303, `${drive.url}/`]);
  });
});

describe('a log-in that is not what was begun', () => {
  it('with a wrong nonce is refused, and nothing has changed', async () => {
    const before = await world();
    const { address, cookie } = await beginLogIn(drive);
    const forged = new URL(address);
    forged.searchParams.set('nonce', 'of-another-log-in');
    await refused(await comeBack(drive, await issuer.logIn(forged.href, 'mallory'), cookie));
    expect(await world()).toEqual(before);
  });

  it('with a replayed code is refused', async () => {
    const { address, cookie } = await beginLogIn(drive);
    const back = await issuer.logIn(address, 'ada');
    expect((await comeBack(drive, back, cookie)).status).toBe(303);
    const before = await world();
    await refused(await comeBack(drive, back, cookie));
    expect(await world()).toEqual(before);
  });

  it('with a wrong state, none, or another browser’s cookie is refused', async () => {
    const before = await world();
    const [mine, others] = [await beginLogIn(drive), await beginLogIn(drive)];
    const back = new URL(await issuer.logIn(mine.address, 'mallory'));
    await refused(await comeBack(drive, back.href, others.cookie));
    await refused(await comeBack(drive, back.href, undefined));
    await refused(await comeBack(drive, back.href, `${mine.cookie}x`));
    const without = new URL(back);
    without.searchParams.delete('state');
    await refused(await comeBack(drive, without.href, mine.cookie));
    expect(await world()).toEqual(before);
  });

  it('with a code for another verifier is refused', async () => {
    const { address, cookie } = await beginLogIn(drive);
    const forged = new URL(address);
    forged.searchParams.set('code_challenge', 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
    await refused(await comeBack(drive, await issuer.logIn(forged.href, 'mallory'), cookie));
  });

  it('from another issuer is refused, whatever it calls itself', async () => {
    const before = await world();
    const { address, cookie } = await beginLogIn(drive);
    const there = new URL(address);
    there.port = new URL(other.url).port;
    const back = new URL(await other.logIn(there.href, 'ada'));
    await refused(await comeBack(drive, back.href, cookie));
    back.searchParams.set('iss', issuer.url);
    await refused(await comeBack(drive, back.href, cookie));
    expect(await world()).toEqual(before);
  });

  it('that the person has broken off is refused, as is an answer with nothing in it', async () => {
    const { address, cookie } = await beginLogIn(drive);
    const state = new URL(address).searchParams.get('state')!;
    const query = new URLSearchParams({ error: 'access_denied', state, iss: issuer.url });
    await refused(await comeBack(drive, `${drive.url}/api/auth/oidc/callback?${query}`, cookie));
    await refused(await comeBack(drive, `${drive.url}/api/auth/oidc/callback`, cookie));
  });

  it('of a disabled user is refused, and works again when he is let in', async () => {
    const { user } = (await clientOf(await logIn('dave')).get('/api/user')).body;
    await drive.probe.run('UPDATE users SET disabled = 1 WHERE id = ?', [user.id]);
    const before = await world();
    await refused(await logIn('dave'));
    expect(await world()).toEqual(before);
    await drive.probe.run('UPDATE users SET disabled = 0 WHERE id = ?', [user.id]);
    expect((await logIn('dave')).status).toBe(303);
  });

  it('tells a person so on a page, in his language', async () => {
    const headers = { ...NAVIGATION, 'accept-language': 'de' };
    const { status, text } = await plainly(`${drive.url}/api/auth/oidc/callback?code=x&state=y`, headers);
    expect([status, text]).toEqual([401, expect.stringContaining('Die Anmeldung hat nicht geklappt')]);
    expect(text).toContain('href="../../../"');
  });
});

it('leaves neither code nor state nor any other secret in the log, and says there why it refused', async () => {
  const environment = await Server.environment({ LOG_LEVEL: 'trace' });
  const door = { anonymous: () => new Client(`http://127.0.0.1:${environment.PORT}`) };
  const there = await Issuer.create(`http://127.0.0.1:${environment.PORT}/api/auth/oidc/callback`, SECRET);
  await there.start();
  const server = await Server.start({ ...environment, OIDC_ISSUER: there.url, ...CLIENT });
  try {
    const { address, cookie } = await beginLogIn(door);
    const back = await there.logIn(address, 'ada');
    const session = cookieIn(await comeBack(door, back, cookie), 'defdrive')!;
    expect((await comeBack(door, back, cookie)).status).toBe(401);
    expect((await door.anonymous().with({ cookie: session }).get('/api/user')).status).toBe(200);
    await server.kill('SIGTERM');
    expect(server.output).toContain('"event":"oidc-login-failed"');
    expect(server.output).toMatch(/"event":"login".*"by":"oidc"/);
    const query = (name: string) => new URL(back).searchParams.get(name)!;
    const secrets = [query('code'), query('state'), new URL(address).searchParams.get('nonce')!, cookie, session];
    for (const secret of [...secrets, CLIENT.OIDC_CLIENT_SECRET]) {
      expect(server.output).not.toContain(secret.replace(/^[\w-]+=/, ''));
    }
  } finally {
    await server.kill();
    await there.stop();
  }
});

describe('an account and its identities', () => {
  const remove = (client: Client, password: string) =>
    client.request('/api/user', {
      method: 'DELETE',
      body: JSON.stringify({ password }),
      headers: { 'content-type': 'application/json' },
    });

  it('are linked with the password, and with nothing less; then one log-in is as good as the other', async () => {
    await drive.signUp('heidi');
    const heidi = await drive.anonymous().openSession('heidi');
    expect(await heidi.post('/api/user/identities', { password: 'wrong' })).toMatchObject({
      ...{ status: 401, body: { code: 'invalid_credentials' } },
    });
    const body = { password: PASSWORD, back: '/account' };
    const elsewhere = heidi.with({ 'sec-fetch-site': 'same-site' });
    expect((await elsewhere.post('/api/user/identities', body)).status).toBe(403);
    const linked = await goFrom(heidi, '/api/user/identities', body, 'heidi.company');
    expect([linked.status, linked.headers.get('location')]).toEqual([303, `${drive.url}/account`]);
    const { user } = (await heidi.get('/api/user')).body;
    expect((await clientOf(await logIn('heidi.company')).get('/api/user')).body.user).toEqual(user);
    const { identities } = (await heidi.get('/api/user/identities')).body;
    expect(identities).toEqual([{ id: expect.any(Number), issuer: issuer.url, createdAt: expect.any(String) }]);

    expect((await heidi.delete(`/api/user/identities/${identities[0].id}`)).status).toBe(200);
    expect((await heidi.get('/api/user/identities')).body.identities).toEqual([]);
    expect((await heidi.delete(`/api/user/identities/${identities[0].id}`)).body.code).toBe('identity_not_found');
  });

  it('cannot be linked where the identity is somebody else’s, nor after the session has ended', async () => {
    await logIn('ivan');
    await drive.signUp('judy');
    const judy = await drive.anonymous().openSession('judy');
    const taken = await goFrom(judy, '/api/user/identities', { password: PASSWORD }, 'ivan');
    await refused(taken, 409, { code: 'identity_taken' });
    const begun = await judy.post('/api/user/identities', { password: PASSWORD });
    await judy.request('/api/logout', { method: 'POST' });
    const cookie = begun.headers.getSetCookie()[0]!.split(';')[0];
    await refused(await comeBack(drive, await issuer.logIn(begun.body.url, 'judy.company'), cookie));
    expect(await drive.probe.rows("SELECT id FROM identities WHERE subject = 'judy.company'")).toEqual([]);
  });

  it('of another person’s are not to be seen or unlinked', async () => {
    const [kim, lee] = [clientOf(await logIn('kim')), clientOf(await logIn('lee'))];
    const [{ id }] = (await kim.get('/api/user/identities')).body.identities;
    expect((await lee.delete(`/api/user/identities/${id}`)).body.code).toBe('identity_not_found');
    expect((await lee.delete('/api/user/identities/x')).body.code).toBe('identity_not_found');
    expect((await kim.get('/api/user/identities')).body.identities).toHaveLength(1);
  });

  it('without a password proves itself at the provider before it ends, and cannot lose its last way in', async () => {
    const nina = clientOf(await logIn('nina'));
    await nina.file('a.txt');
    const [{ id }] = (await nina.get('/api/user/identities')).body.identities;
    expect((await nina.delete(`/api/user/identities/${id}`)).body.code).toBe('last_way_in');
    for (const password of ['', 'x', PASSWORD]) {
      expect(await remove(nina, password)).toMatchObject({ status: 401, body: { code: 'log_in_again' } });
      const logIn = await drive.anonymous().post('/api/login', { username: 'nina', password });
      expect([logIn.status, logIn.body.code]).toEqual([401, 'invalid_credentials']);
    }
    // Another person's proof is none, and another session's neither.
    await refused(await goFrom(nina, '/api/user/confirmation', {}, 'oscar'));
    expect((await goFrom(clientOf(await logIn('nina')), '/api/user/confirmation', {}, 'nina')).status).toBe(303);
    expect((await remove(nina, '')).body.code).toBe('log_in_again');
    expect((await goFrom(nina, '/api/user/confirmation', { back: '/account' }, 'nina')).status).toBe(303);
    expect((await remove(nina, '')).status).toBe(200);
    expect(await drive.probe.rows("SELECT id FROM identities WHERE subject = 'nina'")).toEqual([]);
    expect((await drive.blobs()).filter(({ key }) => key.startsWith('nina/'))).toEqual([]);
  });

  it('without a password can set one, once proved, and then log in with it', async () => {
    const peggy = clientOf(await logIn('peggy'));
    const body = { currentPassword: '', newPassword: PASSWORD };
    expect((await peggy.put('/api/user/password', body)).body.code).toBe('log_in_again');
    await goFrom(peggy, '/api/user/confirmation', {}, 'peggy');
    expect((await peggy.put('/api/user/password', body)).status).toBe(200);
    expect((await (await drive.anonymous().logIn('peggy')).get('/api/user')).body.user.hasPassword).toBe(true);
  });

  it('proves nothing with a log-in of before', async () => {
    const quinn = clientOf(await logIn('quinn'));
    const begun = await quinn.post('/api/user/confirmation', {});
    const address = new URL(begun.body.url);
    expect([address.searchParams.get('prompt'), address.searchParams.get('max_age')]).toEqual(['login', '0']);
    // A provider that was not asked to let him log in anew says nothing of when he did.
    for (const name of ['prompt', 'max_age']) address.searchParams.delete(name);
    const cookie = begun.headers.getSetCookie()[0]!.split(';')[0];
    await refused(await comeBack(drive, await issuer.logIn(address.href, 'quinn'), cookie));
  });
});

describe('a provider', () => {
  it('that is away keeps nobody from starting the drive, or from logging in by password', async () => {
    await issuer.stop();
    drive = await drive.restart();
    await drive.signUp('rupert');
    const answer = await drive.anonymous().fetch('/api/auth/oidc', { redirect: 'manual' });
    expect(answer.headers.get('retry-after')).toBe('5');
    await refused(answer, 503, AWAY);
    expect((await drive.anonymous().openSession('rupert')).username).toBe('rupert');
    const page = await plainly(`${drive.url}/api/auth/oidc`, NAVIGATION);
    expect([page.status, page.text]).toEqual([503, expect.stringContaining('The log-in service cannot be reached')]);
    await issuer.start();
    expect((await logIn('ada')).status).toBe(303);
  });

  it('that goes away in the middle is told from one that refuses', async () => {
    const { address, cookie } = await beginLogIn(drive);
    const back = await issuer.logIn(address, 'ada');
    await issuer.stop();
    await refused(await comeBack(drive, back, cookie), 503, AWAY);
    await issuer.start();
  });

  it('whose clock is off by an hour is refused', async () => {
    drive = await drive.restart({ OIDC_ISSUER: late.url });
    const before = await world();
    await refused(await logIn('ada', undefined, late));
    expect(await world()).toEqual(before);
  });

  it('that is another one knows other people, whatever their subjects are', async () => {
    drive = await drive.restart({ OIDC_ISSUER: other.url });
    const { user } = (await clientOf(await logIn('ada', undefined, other)).get('/api/user')).body;
    expect(user.username).toBe('ada-2');
  });

  it('makes no accounts where sign-up is closed, unless it is trusted to; who has one gets in', async () => {
    drive = await drive.restart({ OIDC_ISSUER: issuer.url, SIGNUP: 'closed' });
    const before = await count('users');
    await refused(await logIn('newcomer'), 403, { code: 'sign_up_closed' });
    expect(await count('users')).toBe(before);
    expect((await logIn('ada')).status).toBe(303);
    drive = await drive.restart({ SIGNUP: 'closed', OIDC_SIGNUP: 'open' });
    expect((await logIn('newcomer')).status).toBe(303);
    drive = await drive.restart({ SIGNUP: 'open', OIDC_SIGNUP: 'closed' });
    await refused(await logIn('latecomer'), 403, { code: 'sign_up_closed' });
  });

  it('is not troubled for ever by somebody who fails: ten times as often as one name, and the network waits', async () => {
    drive = await drive.restart({ LOGIN_LIMIT: '1/15m' });
    const { cookie } = await beginLogIn(drive);
    const wrong = `${drive.url}/api/auth/oidc/callback?code=guessed&state=guessed`;
    for (let n = 0; n < 10; n++) await refused(await comeBack(drive, wrong, cookie));
    const stopped = await comeBack(drive, wrong, cookie);
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(800);
    await refused(stopped, 429, { code: 'too_many_requests' });
    drive = await drive.restart({ LOGIN_LIMIT: '10/15m' });
    expect((await logIn('ada')).status).toBe(303);
  });

  it('that is not who it is said to be is not asked anything else', async () => {
    drive = await drive.restart({ OIDC_ISSUER: issuer.url.replace('127.0.0.1', 'localhost') });
    await refused(await drive.anonymous().fetch('/api/auth/oidc', { redirect: 'manual' }), 503, AWAY);
  });

  it('that is not configured is not there', async () => {
    drive = await drive.restart({ OIDC_ISSUER: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '' });
    for (const path of ['/api/auth/oidc', '/api/auth/oidc/callback?code=x'])
      expect(await drive.anonymous().get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});
