import { createSecretKey } from 'node:crypto';
import type { Rate } from '@app/config';
import { type Database, openDatabase } from '@app/database';
import { OwnThrottles, type RateLimit, type Throttles } from '@app/http';
import { SharedThrottles, ThrottleSweep } from '@app/leases';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeWith } from '../support/engines.js';
import { MariaDb } from '../support/mariadb.js';
import { openProbe, type Probe } from '../support/probe.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const MINUTE = 60_000;
const SECRET = createSecretKey(Buffer.alloc(32, 7));

const take = (limit: RateLimit, key: string, times: number) =>
  Promise.allSettled(Array.from({ length: times }, () => limit.take(key)));
const given = (outcomes: PromiseSettledResult<void>[]) =>
  outcomes.filter(({ status }) => status === 'fulfilled').length;

/** What every limit promises, wherever its points are. */
function describeLimits(throttles: () => Throttles, pass: (ms: number) => Promise<void> | void): void {
  const limitOf = (rate: Rate) => throttles().limit('a limit', rate);

  it('gives a key its points and no more, also when they are taken side by side', async () => {
    const limit = limitOf({ points: 3, windowMs: MINUTE });
    expect(given(await take(limit, 'alice', 10))).toBe(3);
    expect(given(await take(limit, 'bob', 10))).toBe(3);
  });

  it('refuses with 429 and the seconds until the window ends', async () => {
    const limit = limitOf({ points: 1, windowMs: MINUTE });
    await limit.take('alice');
    await pass(20_500);
    const refusal = await limit.take('alice').catch((error: unknown) => error as { headers: Record<string, string> });
    expect(refusal).toMatchObject({ errorName: 'tooManyRequests' });
    const wait = Number(refusal!.headers['retry-after']);
    expect([wait <= 40, wait > 35]).toEqual([true, true]);
  });

  it('begins anew when the window has ended', async () => {
    const limit = limitOf({ points: 2, windowMs: MINUTE });
    await take(limit, 'alice', 5);
    await pass(MINUTE / 2);
    expect(given(await take(limit, 'alice', 1))).toBe(0);
    await pass(MINUTE / 2);
    expect(given(await take(limit, 'alice', 5))).toBe(2);
  });

  it('takes back a point that did not count, without those that were refused meanwhile', async () => {
    const limit = limitOf({ points: 2, windowMs: MINUTE });
    await take(limit, 'alice', 9);
    await limit.giveBack('alice');
    expect([await limit.taken('alice'), await limit.taken('bob')]).toEqual([1, 0]);
    expect(given(await take(limit, 'alice', 9))).toBe(1);
  });

  it('has no point too many when one comes back after the end of its window', async () => {
    const limit = limitOf({ points: 2, windowMs: MINUTE });
    await limit.take('alice');
    await pass(MINUTE);
    await limit.giveBack('alice');
    expect(given(await take(limit, 'alice', 9))).toBe(2);
  });

  it('begins a window with the first point that stays taken', async () => {
    const limit = limitOf({ points: 1, windowMs: MINUTE });
    await limit.unless('alice', async () => 'well done');
    await pass(MINUTE / 2);
    expect(given(await take(limit, 'alice', 2))).toBe(1);
    await pass(MINUTE / 2);
    expect(given(await take(limit, 'alice', 1))).toBe(0);
  });

  it('gives a point back to who succeeds, and to whose work fails for another reason', async () => {
    const limit = limitOf({ points: 1, windowMs: MINUTE });
    expect(await limit.unless('alice', async () => 'well done')).toBe('well done');
    await expect(limit.unless('alice', () => Promise.reject(new Error('a fault')))).rejects.toThrow('a fault');
    expect(await limit.unless('alice', async () => undefined)).toBeUndefined();
    await expect(limit.unless('alice', async () => 'too late')).rejects.toMatchObject({ errorName: 'tooManyRequests' });
  });
}

describe('a limit of a server that is alone', () => {
  let throttles: Throttles;
  beforeEach(() => {
    vi.useFakeTimers();
    throttles = new OwnThrottles();
  });
  afterEach(() => void vi.useRealTimers());

  describeLimits(
    () => throttles,
    (ms) => void vi.advanceTimersByTime(ms),
  );
});

describeWith('mariadb', 'a limit of servers that share a drive', () => {
  let server: MariaDb;
  let directory: string;
  let database: Database;
  let other: Database;
  let probe: Probe;
  let throttles: Throttles;
  beforeAll(async () => {
    server = await MariaDb.start();
    directory = temporaryDirectory();
    const settings = { dataDir: directory, databaseUrl: await server.createDatabase() };
    database = await openDatabase(settings);
    other = await openDatabase(settings);
    probe = await openProbe(settings);
  });
  afterAll(async () => {
    await probe.close();
    await Promise.all([database.close(), other.close()]);
    await server.stop();
  });
  beforeEach(async () => {
    await probe.run('DELETE FROM throttles');
    throttles = new SharedThrottles(database.units, SECRET);
  });

  const pass = async (ms: number) =>
    void (await probe.run('UPDATE throttles SET expiresAt = expiresAt - ? WHERE expiresAt > 0', [ms]));
  const elsewhere = () => new SharedThrottles(other.units, SECRET);

  describeLimits(() => throttles, pass);

  it('is one for all of them', async () => {
    const rate = { points: 5, windowMs: MINUTE };
    const limits = [throttles.limit('log-in', rate), elsewhere().limit('log-in', rate)];
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, n) => take(limits[n % 2]!, 'alice', 1)));
    expect(given(outcomes.flat())).toBe(5);
    expect(given(await take(elsewhere().limit('sign-up', rate), 'alice', 9))).toBe(5);
  });

  it('keeps neither names nor addresses, nor what somebody could find by trying them', async () => {
    const rate = { points: 5, windowMs: MINUTE };
    await throttles.limit('log-in', rate).take('alice 192.0.2.7');
    await new SharedThrottles(database.units, createSecretKey(Buffer.alloc(32, 8)))
      .limit('log-in', rate)
      .take('alice 192.0.2.7');
    const rows = await probe.rows<{ subject: string }>('SELECT subject FROM throttles');
    expect(rows.map(({ subject }) => subject)).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}$/),
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ]);
  });

  it('locks nobody out for longer than two windows, however the clock has been set', async () => {
    const limit = throttles.limit('log-in', { points: 1, windowMs: MINUTE });
    await limit.take('alice');
    await pass(-0.9 * MINUTE);
    expect(given(await take(limit, 'alice', 1))).toBe(0);
    await pass(-365 * 24 * 60 * MINUTE);
    expect(given(await take(limit, 'alice', 2))).toBe(1);
  });

  it('lets nobody in while the database fails, and everybody as before once it does not', async () => {
    const limit = throttles.limit('log-in', { points: 1, windowMs: MINUTE });
    const lift = await probe.plantFault('UPDATE', 'throttles');
    await expect(limit.unless('alice', async () => 'right')).rejects.toThrow('planted');
    await lift();
    expect(given(await take(limit, 'alice', 2))).toBe(1);
  });

  it('turns nobody away who has succeeded when the database fails then; his point comes back with the next window', async () => {
    const limit = throttles.limit('log-in', { points: 1, windowMs: MINUTE });
    let lift = async () => {};
    const succeed = async () => {
      lift = await probe.plantFault('UPDATE', 'throttles');
      return 'right';
    };
    expect(await limit.unless('alice', succeed)).toBe('right');
    await lift();
    expect(given(await take(limit, 'alice', 1))).toBe(0);
    await pass(MINUTE);
    expect(given(await take(limit, 'alice', 2))).toBe(1);
  });

  it('leaves no rows of windows that are over, however many', async () => {
    await throttles.limit('log-in', { points: 1, windowMs: MINUTE }).take('alice');
    const rows = Array.from({ length: 2500 }, (_, n) => `('${n}', 1, 1)`).join(', ');
    await probe.run(`INSERT INTO throttles (subject, points, expiresAt) VALUES ${rows}`);
    await new ThrottleSweep(database.units).run();
    expect(await probe.rows('SELECT points FROM throttles')).toEqual([{ points: 1 }]);
  });
});
