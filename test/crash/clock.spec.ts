import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { CrashDrive } from './support/crash-drive.js';
import { runLoad } from './support/load.js';
import { amount, PATIENCE_MS, Random } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { tally } from './support/report.js';
import { Fault } from './support/strace.js';

describeWith(['faketime', 'strace-attach'], 'a clock that jumps', (faketime, strace) => {
  let drive: CrashDrive;
  let alice: Recorder;
  let clock: string;

  /** From the next look on the server's clock is so far off, such as `+1h` or `-30d`. */
  const jump = (offset: string) => {
    writeFileSync(clock, offset);
    tally.faults += 1;
  };

  /** Only the time of day jumps: that timers do not follow it is the kernel's own promise. */
  const variables = () => ({
    LD_PRELOAD: execFileSync(faketime, ['-f', '+0', 'printenv', 'LD_PRELOAD'], { encoding: 'utf8' }).trim(),
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  });

  beforeAll(async () => {
    clock = join(temporaryDirectory(), 'clock');
    jump('+0');
    drive = await CrashDrive.create(['alice', 'bob']);
    alice = drive.people[0]!;
    expect(await drive.start({ variables: variables() })).toBeUndefined();
  });
  beforeEach(() => jump('+0'));
  afterAll(() => drive.destroy());

  it(
    'ends a link only for as long as it shows a time after its end',
    async () => {
      const linked = await alice.upload('linked.txt');
      await alice.toggle(linked, true);
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      const { body } = await alice.client.post(`/api/files/${linked.id}/accesses`, {
        public: true,
        oneTimeUse: true,
        expires,
      });
      const visit = async () => (await alice.client.fetch(`/link/${body.access.hash}`)).status;
      jump('+2h');
      expect(await visit()).toBe(403);
      jump('-2h');
      expect(await visit()).toBe(200);
      expect(await visit()).toBe(403);
      expect(await drive.isAlive()).toBe(true);
    },
    PATIENCE_MS,
  );

  it(
    'ends a session only for as long as it shows a time after its end',
    async () => {
      const look = async () => (await alice.client.get('/api/files')).status;
      for (const [offset, status] of [
        ['+25h', 401],
        ['+0', 200],
        ['-1h', 401],
        ['+1h', 200],
      ] as const) {
        jump(offset);
        expect([offset, await look()]).toEqual([offset, status]);
      }
    },
    PATIENCE_MS,
  );

  it.each(['-30d', '+30d'])(
    'does not keep a removal waiting that failed while it showed another time (%s)',
    async (offset) => {
      const file = await alice.upload(`removed ${offset}.txt`);
      const ahead = offset.startsWith('-') ? '+0' : offset;
      const behind = offset.startsWith('-') ? offset : '+0';
      jump(ahead);
      const { username } = alice.client;
      const person = ahead === '+0' ? alice.client : await alice.client.logIn(username);
      const fault = await Fault.on(strace, drive.server!.process.pid!, { call: 'unlink', how: 'error=EIO' });
      expect((await person.delete(`/api/files/${file.id}`)).status).toBe(500);
      file.removal = 'acknowledged';
      await fault.off();
      jump(behind);
      await drive.assertTrueAtRest(`a removal that failed before the clock went from ${ahead} to ${behind}`);
    },
    PATIENCE_MS,
  );

  it(
    'changes nothing else, however it jumps under a load',
    async () => {
      const random = new Random('clock');
      const jumps = setInterval(() => jump(`${random.pick(['+', '-'])}${random.below(50)}s`), 20);
      await runLoad(drive, random, amount(60, 600));
      clearInterval(jumps);
      jump('+0');
      await drive.assertTrueAtRest('jumps under load');
    },
    PATIENCE_MS,
  );
});
