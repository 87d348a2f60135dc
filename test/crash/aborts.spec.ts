import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { until } from '../support/until.js';
import { CrashDrive } from './support/crash-drive.js';
import { amount, PATIENCE_MS, Random, together } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { uploadHead } from './support/requests.js';
import { tally } from './support/report.js';
import { RawSocket } from './support/sockets.js';
import { Fault } from './support/strace.js';

const MIB = 1024 * 1024;
const SIZE = 6 * MIB;
const PIECE = 'x'.repeat(64 * 1024);
/** Uploads that break off side by side. */
const AT_ONCE = 6;

describeWith('strace-attach', 'on a slow disk', (strace) => {
  let drive: CrashDrive;
  let alice: Recorder;
  let bob: Recorder;
  const random = new Random('aborts');
  beforeAll(async () => {
    drive = await CrashDrive.create(['alice', 'bob']);
    [alice, bob] = drive.people as [Recorder, Recorder];
    expect(await drive.start()).toBeUndefined();
    // What a server opens with its first requests stays: the audit, connections that are kept.
    for (const person of [alice, bob]) await person.remove(await person.upload('first.bin', MIB));
  });
  afterAll(() => drive.destroy());

  const descriptors = () => readdirSync(`/proc/${drive.server!.process.pid}/fd`).length;

  /** Sends more than is held back for one write, and is gone while that is written, or synced, or when it is whole. */
  async function breakOff(name: string): Promise<void> {
    const socket = new RawSocket(drive.url);
    const head = uploadHead(alice.client.token!, name, SIZE);
    socket.send(head);
    const whole = SIZE - (head.length - head.indexOf('\r\n\r\n') - 4);
    const sent = random.pick([2 * MIB + random.below(2 * MIB), 4 * MIB + random.below(2 * MIB - PIECE.length), whole]);
    for (let left = sent; left > 0; left -= PIECE.length) socket.send(PIECE.slice(0, left));
    await until(() => socket.pending === 0);
    if (random.below(2) === 0) await new Promise((resolve) => setTimeout(resolve, random.below(80)));
    socket.destroy();
    tally.requests += 1;
  }

  it.each([
    ['writes', 'write,writev,pwrite64,pwritev', Array.from({ length: 2_000 }, (_, n) => `.tmp/${n + 1}`)],
    ['syncs', 'fsync,fdatasync', []],
  ])(
    'where %s take long, uploads that break off in the midst of more than 2 MiB leave nothing',
    async (_, call, names) => {
      const before = descriptors();
      const paths = names.map((name) => join(drive.uploads, name));
      const slow = await Fault.on(strace, drive.server!.process.pid!, { call, how: 'delay_enter=30000', paths });
      for (let round = 1; round <= amount(3, 40); round += 1) {
        const broken = Array.from({ length: AT_ONCE }, (_, n) => `broken ${n}.bin`);
        const other = async () => {
          const file = await bob.upload(`whole ${round}.bin`, 3 * MIB);
          expect(file.upload).toBe('acknowledged');
          await bob.download(file);
          expect(await bob.remove(file)).toBe('acknowledged');
        };
        await together([other(), ...broken.map(breakOff)]);
      }
      expect(await slow.off()).toBeGreaterThan(0);
      await drive.assertTrueAtRest(`uploads broken off while ${call} took long`);
      // The next one of these names is none of theirs.
      const next = await alice.upload('broken 0.bin', 3 * MIB);
      expect(next.upload).toBe('acknowledged');
      expect(await alice.remove(next)).toBe('acknowledged');
      await drive.assertTrueAtRest('and the next of that name');
      await until(() => descriptors() <= before + 2);
    },
    PATIENCE_MS,
  );
});
