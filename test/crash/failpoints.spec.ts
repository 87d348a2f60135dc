import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import type { FileRecord } from './support/ledger.js';
import { amount, PATIENCE_MS } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { tally } from './support/report.js';

const withOneFile = async () => {
  const drive = await CrashDrive.create(['alice']);
  await drive.recover();
  await drive.people[0]!.upload('old.txt');
  await drive.assertTrueAtRest('with one file');
  await drive.stop();
  return drive;
};

let template: CrashDrive;
const drives: CrashDrive[] = [];
beforeAll(async () => void (template = await withOneFile()));
afterAll(() => Promise.all([template, ...drives].map((drive) => drive.destroy())));

/** Lets a drive with one file die at the failpoint. */
async function dieAt(
  failpoint: string,
  act: (alice: Recorder, old: FileRecord) => Promise<unknown>,
): Promise<CrashDrive> {
  const drive = testEngine() === 'sqlite' ? await template.copy() : await withOneFile();
  drives.push(drive);
  expect(await drive.start({ failpoint })).toBeUndefined();
  await act(drive.people[0]!, drive.ledger.files[0]!);
  expect((await drive.server!.ended).signal).toBe('SIGKILL');
  tally.killed(`${failpoint}, alone`);
  await drive.assertTrueInDeath(`killed at ${failpoint}`);
  return drive;
}

async function recover(drive: CrashDrive): Promise<void> {
  await drive.recover();
  await drive.assertTrueAtRest('after the restart');
}

const names = (drive: CrashDrive) => drive.ledger.files.map(({ name }) => name).toSorted();

describe.concurrent('kill -9 during an upload', () => {
  const steps = ['upload.created', 'upload.synced', 'upload.linked', 'upload.published', 'upload.live'];
  it.each([
    ...['upload.claimed', ...steps].map((step) => [step, 'claimed'] as const),
    ...steps.map((step) => [step, 'staged'] as const),
  ])(
    'at %s, where it is %s, leaves the whole file or nothing of it',
    async (failpoint, way) => {
      const drive = await dieAt(failpoint, async (alice) =>
        expect((await alice.upload('new.txt', 100, way)).upload).toBe('unknown'),
      );
      await recover(drive);
      const whole = failpoint === 'upload.live';
      expect(names(drive)).toEqual(whole ? ['new.txt', 'old.txt'] : ['old.txt']);
      expect((await drive.people[0]!.upload('new.txt')).upload).toBe(whole ? 'refused' : 'acknowledged');
      await drive.assertTrueAtRest('after the next upload');
    },
    PATIENCE_MS,
  );

  const undoing = amount(['rollback.unlinked'], ['rollback.unlinked', 'rollback.cleared']);
  it.each([
    ...amount<string[]>([], ['rollback.dropped']).map((step) => [step, 'claimed'] as const),
    ...undoing.flatMap((step) => [[step, 'claimed'] as const, [step, 'staged'] as const]),
  ])(
    'and again during the recovery, at %s, where it was %s, leaves nothing of it',
    async (failpoint, way) => {
      const drive = await dieAt('upload.published', (alice) => alice.upload('new.txt', 100, way));
      expect((await drive.start({ failpoint }))?.signal).toBe('SIGKILL');
      tally.killed(`${failpoint}, alone`);
      await drive.assertTrueInDeath(`killed at ${failpoint}`);
      await recover(drive);
      expect(names(drive)).toEqual(['old.txt']);
    },
    PATIENCE_MS,
  );
});

describe.concurrent('kill -9 during a delete', () => {
  it.each(['delete.recorded', 'delete.committed', 'removal.unlinked', 'removal.flushed', 'removal.settled'])(
    'at %s leaves the whole file or, in the end, nothing of it',
    async (failpoint) => {
      const drive = await dieAt(failpoint, (alice, old) => alice.remove(old));
      const old = drive.ledger.files[0]!;
      await recover(drive);
      expect(names(drive)).toEqual(failpoint === 'delete.recorded' ? ['old.txt'] : []);
      const alice = drive.people[0]!;
      const { status } = await alice.client.delete(`/api/files/${old.id}`);
      expect(status).toBe(failpoint === 'delete.recorded' ? 200 : 404);
      old.removal = 'acknowledged';
      expect((await alice.upload('old.txt')).id).toBeGreaterThan(old.id!);
      await drive.assertTrueAtRest('after the next upload');
    },
    PATIENCE_MS,
  );
});

describe('kill -9 during a delete that is asked for again, or of several files', () => {
  it.each(['delete.recorded', 'delete.committed'])(
    'at %s leaves a request that is known again by its key: it is carried out once',
    async (failpoint) => {
      const drive = await dieAt(failpoint, (alice, old) => alice.remove(old, 'one-and-the-same'));
      const old = drive.ledger.files[0]!;
      await drive.recover();
      expect(await drive.people[0]!.remove(old, 'one-and-the-same')).toBe('acknowledged');
      const { body } = await drive.people[0]!.client.delete(`/api/files/${old.id}`);
      expect(body.error).toBe('File not found');
      expect((await drive.people[0]!.client.get('/api/deletions')).body.receipts).toHaveLength(1);
      await drive.assertTrueAtRest('after the same request');
    },
    PATIENCE_MS,
  );

  it.each(['bulk-delete.recorded', 'bulk-delete.committed', 'removal.unlinked:2', 'removal.settled'])(
    'of several files at %s leaves all of them or, in the end, nothing of them',
    async (failpoint) => {
      const drive = await dieAt(failpoint, async (alice, old) => {
        const files = [old, await alice.upload('b.txt'), await alice.upload('c.txt')];
        await alice.removeMany(files);
      });
      await recover(drive);
      expect(names(drive)).toEqual(failpoint === 'bulk-delete.recorded' ? ['b.txt', 'c.txt', 'old.txt'] : []);
    },
    PATIENCE_MS,
  );
});
