import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { comeBack, type Issuer } from '../support/issuer.js';
import { logInBy, refused, sessionOf, trustingFixture } from '../support/oidc.js';

const trusting = trustingFixture();
const { drive } = trusting;
let issuer: Issuer;
beforeAll(() => {
  ({ issuer } = trusting);
});

const logIn = (person: string, back?: string) => logInBy(drive, issuer, person, back);
const clientOf = (response: Response) => sessionOf(drive, response);

/** Goes from a session to the provider and back. */
async function goFrom(client: Client, path: string, body: object, person: string): Promise<Response> {
  const answer = await client.post(path, body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  const cookie = answer.headers.getSetCookie()[0]!.split(';')[0];
  return comeBack(drive, await issuer.logIn(answer.body.url, person), cookie);
}

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
