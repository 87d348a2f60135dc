import { afterAll, expect } from 'vitest';
import { Client } from './client.js';
import { driveFixture } from './drive-fixture.js';
import type { Drive } from './drive.js';
import { beginLogIn, comeBack, cookieIn, Issuer } from './issuer.js';
import { freePort } from './ports.js';

export const CLIENT = { OIDC_CLIENT_ID: 'defdrive', OIDC_CLIENT_SECRET: 'the secret of the test, long enough' };
export const SECRET = { clientSecret: CLIENT.OIDC_CLIENT_SECRET };
const FAILED = { error: 'Log-in at the identity provider failed', code: 'oidc_failed' };
export const AWAY = { error: 'Identity provider cannot be reached', code: 'oidc_unavailable' };

/** A drive, and the provider that it trusts. */
export interface Trusting {
  readonly drive: Drive;
  readonly issuer: Issuer;
  /** Starts a further provider that sends people back to the drive, which does not know it. */
  another(options?: { clockOffsetMs?: number }): Promise<Issuer>;
}

/** Both for a file of tests, as `driveFixture`. */
export function trustingFixture(): Trusting {
  const issuers: Issuer[] = [];
  let callback = '';
  const another = async (options = {}) => {
    const issuer = await Issuer.create(callback, { ...SECRET, ...options });
    issuers.push(issuer);
    await issuer.start();
    return issuer;
  };
  afterAll(async () => void (await Promise.all(issuers.map((issuer) => issuer.stop()))));
  const drive = driveFixture(async () => {
    const port = await freePort();
    callback = `http://127.0.0.1:${port}/api/auth/oidc/callback`;
    return { PORT: String(port), OIDC_ISSUER: (await another()).url, ...CLIENT };
  });
  return {
    drive,
    another,
    get issuer() {
      return issuers[0]!;
    },
  };
}

export async function countOf(drive: Drive, table: string): Promise<number> {
  return Number((await drive.probe.rows(`SELECT COUNT(*) AS n FROM ${table}`))[0]!.n);
}

/** What a refused log-in must not touch. */
export async function worldOf(drive: Drive): Promise<number[]> {
  return [await countOf(drive, 'users'), await countOf(drive, 'identities'), await countOf(drive, 'sessions')];
}

/** The browser's session that an answer has opened. */
export function sessionOf(drive: Drive, response: Response): Client {
  const cookie = cookieIn(response, 'defdrive');
  if (!cookie) throw new Error(`No session: ${response.status}`);
  return new Client(drive.url, undefined, { cookie, 'sec-fetch-site': 'same-origin' });
}

/** Goes to the provider, logs a person in there, and comes back. */
export async function logInBy(drive: Drive, issuer: Issuer, person: string, back?: string): Promise<Response> {
  const { address, cookie } = await beginLogIn(drive, back);
  return comeBack(drive, await issuer.logIn(address, person), cookie);
}

/** Asserts that a log-in was refused, and has opened no session. */
export async function refused(response: Response, status = 401, body: object = FAILED): Promise<void> {
  expect([response.status, await response.json()]).toMatchObject([status, body]);
  expect(cookieIn(response, 'defdrive')).toBeUndefined();
}
