import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { testEngine } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import type { FileRecord, UploadBook } from './support/ledger.js';
import { amount, FULL, PATIENCE_MS, Random } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { Fault, type FaultPlan } from './support/strace.js';

const CALLS: Record<'blobs' | 'database', Record<string, string[]>> = {
  blobs: {
    openat: ['EIO', 'ENOSPC', 'EDQUOT', 'EACCES'],
    'write,writev': ['EIO', 'ENOSPC', 'EDQUOT'],
    fsync: ['EIO', 'ENOSPC', 'EDQUOT'],
    link: ['EIO', 'ENOSPC', 'EDQUOT', 'EACCES'],
    unlink: ['EIO', 'EACCES'],
    mkdir: ['EIO', 'ENOSPC', 'EDQUOT', 'EACCES'],
    pread64: ['EIO'],
  },
  database: {
    pwrite64: ['EIO', 'ENOSPC', 'EDQUOT'],
    fsync: ['EIO', 'ENOSPC'],
    pread64: ['EIO'],
  },
};

const WHEN = ['1', '2', '3', '1+', '2+'];

type Side = keyof typeof CALLS;
const NAMES = ['a.txt', 'b.txt', 'c.txt', 'new.txt', 'parts.bin', 'ended.bin'];

/** The paths that a fault is aimed at: everything that the requests of one round may touch. */
function pathsOf(side: Side, drive: CrashDrive): string[] {
  const { DATA_DIR: dataDir } = drive.environment;
  if (side === 'database') return ['defdrive.sqlite', 'defdrive.sqlite-wal'].map((name) => join(dataDir!, name));
  const last = Math.max(0, ...drive.ledger.files.map(({ id }) => id ?? 0), ...drive.ledger.graves.ids);
  const directories = ['.tmp', 'alice', 'bob'].map((name) => join(drive.uploads, name));
  const temporary = Array.from({ length: 60 }, (_, n) => join(directories[0]!, String(last + n)));
  const blobs = NAMES.flatMap((name) => [join(directories[1]!, name), join(directories[2]!, name)]);
  return [...directories, ...temporary, ...blobs];
}

describeWith('strace-attach', 'errors of the disk', (strace) => {
  let drive: CrashDrive;
  let random: Random;
  beforeAll(async () => {
    drive = await CrashDrive.create(['alice', 'bob']);
    random = new Random('errors');
  });
  afterAll(() => drive.destroy());

  const ensureRunning = async () => {
    if (drive.server && (await drive.isAlive())) return;
    expect(await drive.start()).toBeUndefined();
  };

  /** What people do while the disk fails: whatever they are told must be true. */
  const liveOn = async (
    [alice, bob]: [Recorder, Recorder],
    [doomed, read, replaced]: FileRecord[],
    [parts, ended]: UploadBook[],
  ) => {
    await Promise.all([
      alice.upload('new.txt', 5_000),
      bob.upload('new.txt', 1_200_000),
      alice.remove(doomed!),
      alice.download(read!),
      alice.remove(replaced!).then(() => alice.upload(replaced!.name)),
      alice.append(parts!, 900_000).then(() => alice.append(parts!, 1_500_000)),
      bob.append(ended!, 1000).then(() => bob.endUpload(ended!)),
      bob.begin('begun.bin', 3000),
    ]);
  };

  const ownerOf = ({ owner }: UploadBook) => drive.people.find(({ client }) => client.username === owner)!;
  const unfinished = () =>
    drive.ledger.uploads.filter(({ end, file }) => end !== 'acknowledged' && file?.upload !== 'acknowledged');

  /** Whatever the disk did, each upload has ended, or is gone on with until it is a file. */
  const finish = async (title: string) => {
    for (const book of unfinished()) {
      const recorder = ownerOf(book);
      expect(await recorder.append(book, book.bytes.length), `the rest of ${book.name} after ${title}`).toBe(
        'acknowledged',
      );
    }
  };

  /** @returns how many calls failed */
  const suffer = async (plan: FaultPlan, title: string): Promise<number> => {
    // A server makes a directory once, before its first upload into it.
    if (plan.call === 'mkdir' && drive.server) await drive.stop();
    await ensureRunning();
    const [alice, bob] = drive.people as [Recorder, Recorder];
    const files: FileRecord[] = [];
    for (const name of ['a.txt', 'b.txt', 'c.txt']) files.push(await alice.upload(name));
    const books = [(await alice.begin('parts.bin', 2_000_000))!, (await bob.begin('ended.bin', 3000))!];
    expect(await alice.append(books[0]!, 500_000)).toBe('acknowledged');
    await drive.drained();
    const fault = await Fault.on(strace, drive.server!.process.pid!, plan);
    await liveOn([alice, bob], files, books);
    const met = await fault.off();
    // The start sweeps what a failing unlink has left of uploads that succeeded.
    if (plan.call === 'unlink') await drive.stop();
    await ensureRunning();
    // Who looks at an upload that is whole finishes it.
    for (const book of unfinished()) await ownerOf(book).look(book);
    await drive.assertTrueAtRest(title);
    await finish(title);
    expect((await alice.upload('new after.txt')).upload, `the upload after ${title}`).toBe('acknowledged');
    await Promise.all(drive.ledger.files.map((file) => (file.owner === 'alice' ? alice : bob).remove(file)));
    await drive.assertTrueAtRest(`after ${title}`);
    return met;
  };

  for (const side of testEngine() === 'sqlite' ? (['blobs', 'database'] as const) : (['blobs'] as const)) {
    it(
      `of the ${side} lose nothing, and are over when they are over`,
      async () => {
        const cases = Object.entries(CALLS[side]).flatMap(([call, errors]) =>
          errors.flatMap((error) => WHEN.map((when) => ({ call, error, when }))),
        );
        const met = new Map<string, number>();
        for (const { call, error, when } of random.shuffle(cases).slice(0, amount(3, cases.length))) {
          const plan = { call, how: `error=${error}`, when, paths: pathsOf(side, drive) };
          const title = `${error} at ${call} (${when}) of the ${side}`;
          met.set(call, (met.get(call) ?? 0) + (await suffer(plan, title)));
        }
        for (const [call, times] of met) if (FULL) expect(times, call).toBeGreaterThan(0);
        expect([...met.values()].reduce((sum, times) => sum + times, 0)).toBeGreaterThan(0);
      },
      PATIENCE_MS,
    );
  }
});
