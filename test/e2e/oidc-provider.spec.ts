import { beforeAll, describe, expect, it } from 'vitest';
import { beginLogIn, comeBack, type Issuer } from '../support/issuer.js';
import { AWAY, countOf, logInBy, refused, sessionOf, trustingFixture, worldOf } from '../support/oidc.js';
import { NAVIGATION, plainly } from '../support/pages.js';

const trusting = trustingFixture();
const { drive } = trusting;
let issuer: Issuer;
let other: Issuer;
let late: Issuer;
beforeAll(async () => {
  ({ issuer } = trusting);
  other = await trusting.another();
  late = await trusting.another({ clockOffsetMs: -3_600_000 });
});

const logIn = (person: string, back?: string, at = issuer) => logInBy(drive, at, person, back);
const clientOf = (response: Response) => sessionOf(drive, response);
const world = () => worldOf(drive);
const count = (table: string) => countOf(drive, table);

describe('a provider', () => {
  it('that is away keeps nobody from starting the drive, or from logging in by password', async () => {
    await issuer.stop();
    await drive.restart();
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
    await drive.restart({ OIDC_ISSUER: late.url });
    const before = await world();
    await refused(await logIn('ada', undefined, late));
    expect(await world()).toEqual(before);
  });

  it('that is another one knows other people, whatever their subjects are', async () => {
    await drive.restart({ OIDC_ISSUER: other.url });
    const { user } = (await clientOf(await logIn('ada', undefined, other)).get('/api/user')).body;
    expect(user.username).toBe('ada-2');
  });

  it('makes no accounts where sign-up is closed, unless it is trusted to; who has one gets in', async () => {
    await drive.restart({ OIDC_ISSUER: issuer.url, SIGNUP: 'closed' });
    const before = await count('users');
    await refused(await logIn('newcomer'), 403, { code: 'sign_up_closed' });
    expect(await count('users')).toBe(before);
    expect((await logIn('ada')).status).toBe(303);
    await drive.restart({ SIGNUP: 'closed', OIDC_SIGNUP: 'open' });
    expect((await logIn('newcomer')).status).toBe(303);
    await drive.restart({ SIGNUP: 'open', OIDC_SIGNUP: 'closed' });
    await refused(await logIn('latecomer'), 403, { code: 'sign_up_closed' });
  });

  it('is not troubled for ever by somebody who fails: ten times as often as one name, and the network waits', async () => {
    await drive.restart({ LOGIN_LIMIT: '1/15m' });
    const { cookie } = await beginLogIn(drive);
    const wrong = `${drive.url}/api/auth/oidc/callback?code=guessed&state=guessed`;
    for (let n = 0; n < 10; n++) await refused(await comeBack(drive, wrong, cookie));
    const stopped = await comeBack(drive, wrong, cookie);
    expect(Number(stopped.headers.get('retry-after'))).toBeGreaterThan(800);
    await refused(stopped, 429, { code: 'too_many_requests' });
    await drive.restart({ LOGIN_LIMIT: '10/15m' });
    expect((await logIn('ada')).status).toBe(303);
  });

  it('that is not who it is said to be is not asked anything else', async () => {
    await drive.restart({ OIDC_ISSUER: issuer.url.replace('127.0.0.1', 'localhost') });
    await refused(await drive.anonymous().fetch('/api/auth/oidc', { redirect: 'manual' }), 503, AWAY);
  });

  it('that is not configured is not there', async () => {
    await drive.restart({ OIDC_ISSUER: '', OIDC_CLIENT_ID: '', OIDC_CLIENT_SECRET: '' });
    for (const path of ['/api/auth/oidc', '/api/auth/oidc/callback?code=x'])
      expect(await drive.anonymous().get(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});
