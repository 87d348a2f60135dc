import { createHmac, generateKeyPairSync, sign as signWithKey } from 'node:crypto';
import { readOrCreateSecret } from '@app/data-directory';
import { beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';

const base64url = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

let alice: Client;
let secret: string;
let good: Record<string, unknown>;

const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
  secret = readOrCreateSecret(drive.config.dataDir);
  good = JSON.parse(Buffer.from(alice.token!.split('.')[1]!, 'base64url').toString());
});

const hmac = (signed: string, key: string, hash: string) => createHmac(hash, key).update(signed).digest('base64url');

function token(payload: unknown, header: unknown = { alg: 'HS256', typ: 'JWT' }, key = secret, hash = 'sha256') {
  const signed = `${base64url(header)}.${base64url(payload)}`;
  return `${signed}.${hmac(signed, key, hash)}`;
}

const withToken = (text: string) => new Client(drive.url, text).get('/api/user/limits');

describe('a token', () => {
  it('is HS256, and says whose session it is until when, and nothing else', () => {
    const [header] = alice.token!.split('.');
    expect(JSON.parse(Buffer.from(header!, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(good).toEqual({
      iss: 'defdrive',
      aud: 'defdrive-api',
      sub: expect.stringMatching(/^\d+$/),
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: expect.any(Number),
      exp: (good.iat as number) + 24 * 3600,
    });
  });

  it('is taken when it is signed like ours', async () => {
    expect((await withToken(token(good))).status).toBe(200);
    expect((await withToken(token({ ...good, iat: Math.floor(Date.now() / 1000) + 55 }))).status).toBe(200);
  });

  it.each<[string, () => string]>([
    ['has alg none and no signature', () => `${base64url({ alg: 'none', typ: 'JWT' })}.${base64url(good)}.`],
    ['has alg none and our signature', () => token(good, { alg: 'none', typ: 'JWT' })],
    ['has alg HS512', () => token(good, { alg: 'HS512', typ: 'JWT' }, secret, 'sha512')],
    ['has alg RS256 and our secret', () => token(good, { alg: 'RS256', typ: 'JWT' })],
    [
      'has alg RS256 and a key of its own',
      () => {
        const signed = `${base64url({ alg: 'RS256', typ: 'JWT' })}.${base64url(good)}`;
        return `${signed}.${signWithKey('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
      },
    ],
    ['has no alg', () => token(good, { typ: 'JWT' })],
    ['has a header that is null', () => token(good, 'null')],
    ['has a header that is no JSON', () => token(good, '{')],
    ['is signed with another secret', () => token(good, undefined, 'x'.repeat(64))],
    ['is signed with nothing', () => token(good, undefined, '')],
    ['was changed after signing', () => alice.token!.replace(/\.[^.]+\./, `.${base64url({ ...good, sub: '2' })}.`)],
    ['has lost its signature', () => alice.token!.replace(/[^.]+$/, '')],
    ['has two parts', () => alice.token!.split('.').slice(0, 2).join('.')],
    ['has four parts', () => `${alice.token}.x`],
    ['is no token', () => 'abc'],
    ['is long', () => 'a'.repeat(15_000)],
    ['is all dots', () => '.'.repeat(1000)],
    ['has a payload that is null', () => token('null')],
    ['has a payload that is a number', () => token('5')],
    ['has a payload that is a text', () => token('"text"')],
    ['has a payload that is a list', () => token([])],
    ['has a payload that is no JSON', () => token('{')],
  ])('is 401 when it %s', async (_why, make) => {
    expect(await withToken(make())).toMatchObject({ status: 401, body: { error: 'User not authenticated' } });
  });

  it.each(['iss', 'aud', 'sub', 'jti', 'iat', 'exp'])('is 401 without %s', async (claim) => {
    expect((await withToken(token({ ...good, [claim]: undefined }))).status).toBe(401);
  });

  it.each<[string, unknown]>([
    ['sub', 1],
    ['sub', null],
    ['sub', ['1']],
    ['sub', { id: 1 }],
    ['sub', '0'],
    ['sub', '1 OR 1=1'],
    ['sub', '999999'],
    ['jti', 1],
    ['jti', null],
    ['jti', ['x']],
    ['jti', '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d'],
    ['iss', 'somebody'],
    ['aud', 'another-api'],
    ['exp', 1],
    ['exp', '9999999999'],
    ['exp', true],
    ['exp', Math.floor(Date.now() / 1000) - 1],
    ['iat', 'now'],
    ['iat', Math.floor(Date.now() / 1000) + 120],
    ['nbf', Math.floor(Date.now() / 1000) + 120],
    ['nbf', 'tomorrow'],
  ])('is 401 when %s is %j', async (claim, value) => {
    expect((await withToken(token({ ...good, [claim]: value }))).status).toBe(401);
  });

  it("is 401 when its session is another user's", async () => {
    const bob = await drive.signUp('bob');
    const { sub } = JSON.parse(Buffer.from(bob.token!.split('.')[1]!, 'base64url').toString());
    expect((await withToken(token({ ...good, sub }))).status).toBe(401);
  });

  it.each(['', 'Bearer', 'Bearer ', 'Basic YWxpY2U6eA==', `bearer ${'a'.repeat(15_000)} b`, 'Bearer a b'])(
    'is 401 when the header is %j',
    async (authorization) => {
      const { status } = await drive.anonymous().request('/api/user/limits', { headers: { authorization } });
      expect(status).toBe(401);
    },
  );

  it('counts only in the header, with the scheme in any case', async () => {
    expect((await drive.anonymous().get(`/api/user/limits?token=${alice.token}`)).status).toBe(401);
    const headers = { authorization: `bearer ${alice.token}` };
    expect((await drive.anonymous().request('/api/user/limits', { headers })).status).toBe(200);
  });

  it('is nothing to another drive, also to one in the same process', async () => {
    const other = await Drive.start();
    await other.signUp('alice');
    expect((await new Client(other.url, alice.token).get('/api/user/limits')).status).toBe(401);
    expect((await alice.get('/api/user/limits')).status).toBe(200);
    await other.destroy();
  });

  it('outlives a restart, and dies when the secret changes', async () => {
    await drive.restart();
    const again = new Client(drive.url, alice.token);
    expect((await again.get('/api/user/limits')).status).toBe(200);
    await drive.restart({ JWT_SECRET: 'a secret that is another one than before' });
    expect((await new Client(drive.url, alice.token).get('/api/user/limits')).status).toBe(401);
    await drive.restart({ JWT_SECRET: '' });
  });
});
