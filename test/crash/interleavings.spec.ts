import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, expect, it, vi } from 'vitest';
import { describeWith } from '../support/engines.js';
import { openProbe } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import { runLoad } from './support/load.js';
import { amount, PATIENCE_MS, Random } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { uniqueBytes } from './support/requests.js';
import { tally } from './support/report.js';
import { Fault, type FaultPlan, untilStalled } from './support/strace.js';

vi.setConfig({ testTimeout: PATIENCE_MS });

describeWith('strace-attach', 'the interleaving', (strace) => {
  let drive: CrashDrive;
  let alice: Recorder;
  let fresh = false;
  beforeEach(async ({ onTestFailed }) => {
    if (!fresh) drive = await CrashDrive.create(['alice', 'bob']);
    fresh = true;
    alice = drive.people[0]!;
    if (!drive.server || !(await drive.isAlive())) expect(await drive.start()).toBeUndefined();
    onTestFailed(async () => {
      await drive.destroy();
      fresh = false;
    });
  });
  // The next one begins with an empty drive.
  afterEach(async ({ task }) => {
    if (task.result?.state === 'fail') return;
    for (const file of drive.ledger.files) {
      await drive.people.find(({ client }) => client.username === file.owner)!.remove(file);
    }
    await drive.assertTrueAtRest(`cleared after ${task.name}`);
  });
  afterAll(() => drive.destroy());

  const pid = () => drive.server!.process.pid!;
  const faultOn = (plan: FaultPlan) => Fault.on(strace, pid(), plan);
  const blob = (name: string) => join(drive.uploads, 'alice', name);

  it('of a removal taken from the queue long ago with a new upload of the same name', async () => {
    const slow = await alice.upload('slow.txt');
    const old = await alice.upload('same.txt');
    const failing = await faultOn({ call: 'unlink', how: 'error=EIO' });
    for (const file of [slow, old]) await alice.remove(file);
    await failing.off();
    // The worker takes both from the queue, and is held up at the first.
    const stalling = await faultOn({
      call: 'unlink',
      how: 'delay_enter=10000000',
      when: '1',
      paths: [blob('slow.txt')],
    });
    const probe = await openProbe(drive.settings);
    await probe.run(
      "UPDATE blobRemovals SET nextAttemptAt = CASE WHEN storageKey = 'alice/slow.txt' THEN 0 ELSE 1 END",
    );
    await probe.close();
    await untilStalled(pid());
    const file = await alice.upload('same.txt');
    expect(file.upload).toBe('acknowledged');
    expect(existsSync(blob('slow.txt'))).toBe(true);
    expect(await drive.drained()).toBe(true);
    await stalling.off();
    await drive.assertTrueAtRest('a removal from long ago');
    expect(existsSync(blob('same.txt'))).toBe(true);
  });

  it('of an upload with foreign bytes at its key, which survive it and a recovery', async () => {
    const assertUntouched = () => expect(readFileSync(blob('foreign.txt'), 'utf8')).toBe('not of this drive');
    await alice.upload('mine.txt');
    writeFileSync(blob('foreign.txt'), 'not of this drive');
    const foreign = new Set(['alice/foreign.txt']);
    expect((await alice.client.upload('foreign.txt', 'mine')).status).toBe(500);
    await drive.assertTrueAtRest('foreign bytes', foreign);
    assertUntouched();
    await drive.stop();
    for (const failpoint of amount(['rollback.cleared'], ['upload.synced', 'rollback.cleared'])) {
      await drive.start({ failpoint });
      await alice.upload('foreign.txt');
      await drive.server!.ended;
      tally.killed(`${failpoint}, with foreign bytes at the key`);
      await drive.start();
      await drive.assertTrueAtRest(`foreign bytes after a kill at ${failpoint}`, foreign);
      assertUntouched();
      await drive.stop();
    }
    rmSync(blob('foreign.txt'));
    await drive.start();
    expect((await alice.upload('foreign.txt')).upload).toBe('acknowledged');
    await drive.assertTrueAtRest('foreign bytes gone');
  });

  it('of a delete with an upload of the same name at once, 200 times, is never 409', async () => {
    let file = await alice.upload('same.txt');
    for (let round = 1; round <= 200; round++) {
      expect(await alice.remove(file)).toBe('acknowledged');
      const { status, body } = await alice.client.upload('same.txt', uniqueBytes(50));
      expect([round, status]).toEqual([round, 200]);
      file = drive.ledger.begin('alice', 'same.txt', readFileSync(blob('same.txt')));
      Object.assign(file, { upload: 'acknowledged', id: body.file.id });
    }
    await drive.assertTrueAtRest('200 rounds');
  });

  it('of an upload with its client going away between link and commit', async () => {
    await alice.upload('first.txt');
    for (let round = 1; round <= amount(1, 10); round++) {
      const name = `gone ${round}.txt`;
      const stall = await faultOn({
        call: 'fsync',
        how: 'delay_enter=1000000',
        paths: [join(drive.uploads, 'alice')],
      });
      const bytes = uniqueBytes(200);
      drive.ledger.begin('alice', name, bytes).upload = 'unknown';
      const leaving = new AbortController();
      const form = new FormData();
      form.append('file', new Blob([bytes]), name);
      const request = alice.client.fetch('/api/upload', { method: 'POST', body: form, signal: leaving.signal });
      while (!existsSync(blob(name))) await delay(1);
      leaving.abort();
      await expect(request).rejects.toThrow();
      await drive.assertTrueAtRest(`client ${round} that goes away`);
      await stall.off();
      expect((await alice.upload(`next ${round}.txt`)).upload).toBe('acknowledged');
    }
  });

  it.each(['an empty', 'the wrong'])(
    'of requests with %s volume: nothing is forgotten, nothing goes astray',
    async (what) => {
      const other = await CrashDrive.create(['alice']);
      const kept = await alice.upload('kept.txt');
      const doomed = await alice.upload('doomed.txt');
      await drive.drained();
      renameSync(drive.uploads, `${drive.uploads}.away`);
      if (what === 'an empty') mkdirSync(drive.uploads);
      else renameSync(other.uploads, drive.uploads);
      expect(await alice.client.delete(`/api/files/${doomed.id}`)).toMatchObject({
        status: 500,
        body: { error: 'Failed to delete the physical file' },
      });
      doomed.removal = 'acknowledged';
      expect((await alice.upload('astray.txt')).upload).toBe('unknown');
      expect((await alice.client.get(`/api/files/${kept.id}/content`)).status).toBe(503);
      expect((await alice.client.get('/api/health/ready')).status).toBe(503);
      rmSync(drive.uploads, { recursive: true });
      renameSync(`${drive.uploads}.away`, drive.uploads);
      await drive.assertTrueAtRest(`${what} volume`);
      expect(drive.ledger.files).toEqual([kept]);
      expect((await alice.upload('doomed.txt')).upload).toBe('acknowledged');
      await other.destroy();
    },
  );

  it('of strangers with one link: as many are served as it allows, and no more after a kill', async () => {
    const file = await alice.upload('shared.txt');
    await alice.toggle(file, true);
    const bob = drive.people[1]!;
    for (const limit of [1, 2, 3]) {
      const link = (await alice.share(file, limit))!;
      await Promise.all(Array.from({ length: 40 }, () => bob.use(file, link)));
      expect([`I8 a link for ${limit} uses`, link.served]).toEqual([`I8 a link for ${limit} uses`, limit]);
    }
    await drive.stop('SIGKILL');
    tally.killed('any time, after links were used');
    await drive.start();
    for (const link of file.links) expect(await bob.use(file, link)).toBe('refused');
    await drive.assertTrueAtRest('links');
  });

  it.each(amount(['unlink', 'fsync'], ['unlink', 'link', 'fsync', 'openat', 'write,writev']))(
    'of everything with everything, while each %s stalls',
    async (call) => {
      const random = new Random(`stalls ${call}`);
      for (let round = 1; round <= amount(1, 3); round++) {
        const directories = ['alice', 'bob', '.tmp'].map((name) => join(drive.uploads, name));
        const paths = call === 'openat' || call === 'fsync' ? directories : [];
        const stall = await faultOn({ call, how: `delay_enter=${random.below(20_000)}`, paths });
        await runLoad(drive, random, amount(20, 80));
        await stall.off();
        await drive.assertTrueAtRest(`${call} stalled`);
      }
    },
  );
});
