import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { beginLogIn, comeBack, cookieIn, Issuer } from '../support/issuer.js';
import { CLIENT, logInBy, refused, SECRET, sessionOf, trustingFixture, worldOf } from '../support/oidc.js';
import { NAVIGATION, plainly } from '../support/pages.js';
import { Server } from '../support/server.js';

const trusting = trustingFixture();
const { drive } = trusting;
let issuer: Issuer;
let other: Issuer;
beforeAll(async () => {
  ({ issuer } = trusting);
  other = await trusting.another();
});

const logIn = (person: string, back?: string) => logInBy(drive, issuer, person, back);
const clientOf = (response: Response) => sessionOf(drive, response);
const world = () => worldOf(drive);

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
