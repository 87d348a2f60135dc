import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Pair } from '../support/pair.js';
import { testEngine } from '../support/probe.js';
import { onS3 } from '../support/store.js';
import { TusClient } from '../support/tus.js';
import { until } from '../support/until.js';
import { sha256 } from '../support/violations.js';

const MIB = 2 ** 20;
const HALF = Buffer.alloc(6 * MIB, 'half');
/** Milliseconds after which others may take over. */
const LONGER_THAN_A_LEASE = 3_000;

/** `DB=mariadb BLOBS=s3` */
describe.skipIf(!onS3() || testEngine() !== 'mariadb')('resumable uploads at two servers', { timeout: 90_000 }, () => {
  let pair: Pair;
  let alice: Client;
  let one: TusClient;
  let other: TusClient;
  beforeAll(async () => {
    pair = await Pair.start();
    alice = await pair.a.client.signUp('alice');
    one = new TusClient(alice);
    other = new TusClient(pair.at(pair.b, alice));
  });
  afterAll(() => pair.stop());

  /** The hash of what has become a file. */
  async function hashOf(name: string): Promise<string> {
    const { files } = (await alice.get('/api/files?limit=100')).body;
    const { id } = files.find((file: { name: string }) => file.name === name);
    const content = await other.client.fetch(`/api/files/${id}/content`);
    return sha256(Buffer.from(await content.arrayBuffer()));
  }

  it('go on with a resumable upload that the other began, one at a time', async () => {
    const whole = Buffer.concat([HALF, Buffer.alloc(7 * MIB, 'rest')]);
    const path = await one.begin('moved.bin', whole.length);
    expect((await one.append(path, 0, HALF)).status).toBe(204);
    expect(await other.offset(path)).toBe(HALF.length);
    const both = await Promise.all(
      [one, other].map((tus) => tus.append(path, HALF.length, whole.subarray(HALF.length))),
    );
    const statuses = both.map(({ status }) => status).toSorted();
    expect(statuses[0]).toBe(204);
    expect([409, 423]).toContain(statuses[1]);
    expect(await hashOf('moved.bin')).toBe(sha256(whole));
  });

  it('let a stalled request make way for its client, who has come back at the other', async () => {
    const path = await one.begin('stalled.bin', 2 * HALF.length);
    const stalled = await one.sending(path, 0, [`Content-Length: ${2 * HALF.length}`]);
    stalled.socket.write(HALF);
    await until(async () => (await pair.count('files', "name = 'stalled.bin' AND serverId <> ''")) === 1);
    await until(async () => (await other.offset(path)) === HALF.length);
    expect((await other.append(path, HALF.length, HALF)).status).toBe(204);
    stalled.destroy();
    expect(await hashOf('stalled.bin')).toBe(sha256(Buffer.concat([HALF, HALF])));
  });

  it('go on with a resumable upload whose server died in its midst', async () => {
    const path = await one.begin('orphan.bin', 2 * HALF.length);
    expect((await one.append(path, 0, HALF)).status).toBe(204);
    const frozen = await one.sending(path, HALF.length, [`Content-Length: ${HALF.length}`]);
    frozen.socket.write(HALF.subarray(0, MIB));
    await until(async () => (await pair.count('files', "name = 'orphan.bin' AND serverId <> ''")) === 1);
    pair.a.process.kill('SIGSTOP');
    await delay(LONGER_THAN_A_LEASE);
    expect((await other.append(path, HALF.length, HALF)).status).toBe(204);
    pair.a.process.kill('SIGCONT');
    frozen.socket.write(HALF.subarray(MIB));
    expect((await frozen.answer()).status).toBe(503);
    await until(async () => (await pair.a.client.get('/api/health/ready')).status === 200);
    expect(await hashOf('orphan.bin')).toBe(sha256(Buffer.concat([HALF, HALF])));
    expect(await pair.settled()).toEqual([]);
  });
});
