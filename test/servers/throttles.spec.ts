import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, environmentOf } from '../support/admin.js';
import { type Client, PASSWORD } from '../support/client.js';
import { Pair } from '../support/pair.js';
import { testEngine } from '../support/probe.js';
import { follow, parallel, share, tally } from '../support/sharing.js';
import { onS3 } from '../support/store.js';

/** Wrong tries that one server alone would allow. */
const TRIES = 4;
const SETTINGS = { LOGIN_LIMIT: `${TRIES}/1h`, LINK_LIMIT: `${TRIES}/1h` };

/** `DB=mariadb BLOBS=s3` */
describe.skipIf(!onS3() || testEngine() !== 'mariadb')('throttles of two servers', { timeout: 90_000 }, () => {
  let pair: Pair;
  let alice: Client;
  beforeAll(async () => {
    pair = await Pair.start(SETTINGS);
    alice = await pair.a.client.signUp('alice');
  });
  afterAll(() => pair.stop());

  const both = () => [pair.a.client, pair.b.client];
  const logIn = (client: Client, username: string, password: string) =>
    client.post('/api/login', { username, password });
  /** Guesses, in turn at both. */
  const guesses = (times: number, guess: (server: 'a' | 'b', n: number) => Promise<{ status: number }>) =>
    parallel(times, (n) => guess(n % 2 === 0 ? 'a' : 'b', n)).then(tally);
  /** A link as it is at one of them. */
  const at = (server: 'a' | 'b', link: string) => link.replace(pair.a.config.publicUrl, pair[server].config.publicUrl);

  it('refuse wrong log-ins for a name at both, after as many as one allows, and with them the right one', async () => {
    await pair.a.client.signUp('bob');
    const wrong = await guesses(3 * TRIES, (server, n) => logIn(pair[server].client, 'bob', `wrong ${n}`));
    expect(wrong).toEqual({ 401: TRIES, 429: 2 * TRIES });
    for (const client of both()) {
      const refused = await logIn(client, 'bob', PASSWORD);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3500);
    }
    for (const client of both()) expect((await logIn(client, 'alice', PASSWORD)).status).toBe(200);
  });

  it('count anew when an admin has forgotten them, and go on counting where a server is started again', async () => {
    const { STORAGE_URL, SERVER_LEASE } = pair.a.environment;
    const environment = { ...environmentOf(pair.a.config), STORAGE_URL, SERVER_LEASE };
    expect((await admin(pair.a.config, ['users', 'unlock', 'bob'], { environment })).code).toBe(0);
    const wrong = await guesses(2 * TRIES, (server, n) => logIn(pair[server].client, 'bob', `wrong ${n}`));
    expect(wrong).toEqual({ 401: TRIES, 429: TRIES });
    await pair.b.kill();
    pair = await pair.again('b');
    expect((await logIn(pair.b.client, 'bob', PASSWORD)).status).toBe(429);
  });

  it('refuse wrong passwords of a link at both, and its right one then, too', async () => {
    const { link } = await share(alice, { password: 'of the link' });
    const given = (password: string) => ({ headers: { 'x-link-password': encodeURIComponent(password) } });
    const wrong = await guesses(3 * TRIES, (server, n) => follow(at(server, link), given(`wrong ${n}`)));
    expect(wrong).toEqual({ 401: TRIES, 429: 2 * TRIES });
    for (const server of ['a', 'b'] as const)
      expect((await follow(at(server, link), given('of the link'))).status).toBe(429);
  });

  it('refuse guesses at links at both', async () => {
    const { link } = await share(alice);
    const guess = (n: number) =>
      link.replace(/[^/]+$/, (token) => `${token.slice(0, -4)}${String(n).padStart(4, '0')}`);
    const wrong = await guesses(3 * TRIES, (server, n) => follow(at(server, guess(n))));
    expect(wrong).toEqual({ 404: TRIES, 429: 2 * TRIES });
    for (const server of ['a', 'b'] as const) expect((await follow(at(server, link))).status).toBe(200);
  });

  it('let nobody in while they cannot be counted, and everybody again after that', async () => {
    const lifts = [
      await pair.probe.plantFault('INSERT', 'throttles'),
      await pair.probe.plantFault('UPDATE', 'throttles'),
    ];
    for (const client of both()) {
      expect((await logIn(client, 'alice', PASSWORD)).status).toBe(500);
      expect((await logIn(client, 'alice', 'wrong')).status).toBe(500);
    }
    for (const lift of lifts) await lift();
    for (const client of both()) expect((await logIn(client, 'alice', PASSWORD)).status).toBe(200);
  });
});
