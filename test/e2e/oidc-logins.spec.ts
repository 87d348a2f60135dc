import { beforeAll, describe, expect, it } from 'vitest';
import { beginLogIn, type Issuer } from '../support/issuer.js';
import { logInBy, sessionOf, trustingFixture } from '../support/oidc.js';

const trusting = trustingFixture();
const { drive } = trusting;
let issuer: Issuer;
beforeAll(() => {
  ({ issuer } = trusting);
});

const logIn = (person: string, back?: string) => logInBy(drive, issuer, person, back);
const clientOf = (response: Response) => sessionOf(drive, response);

describe('log-in by OpenID Connect', () => {
  it('makes an account at the first log-in, opens a session, and is the same account at the second', async () => {
    const first = await logIn('ada', '/links');
    expect([first.status, first.headers.get('location')]).toEqual([303, `${drive.url}/links`]);
    expect(first.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^defdrive-oidc=; Max-Age=0; Path=\/; HttpOnly; SameSite=Lax$/i),
      expect.stringMatching(/^defdrive=[\w-]{43}; Max-Age=(2592000|25919\d\d); Path=\/; HttpOnly; SameSite=Strict$/i),
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
