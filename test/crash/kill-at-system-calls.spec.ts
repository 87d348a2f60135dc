import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith, skipVisibly } from '../support/engines.js';
import { testEngine } from '../support/probe.js';
import { CrashDrive, type Suffering } from './support/crash-drive.js';
import { amount, FULL, PATIENCE_MS, Random, together } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { tally } from './support/report.js';
import { KILL_ALONE, killAt } from './support/strace.js';

/** A run that is still killed at this call is none that ends. */
const MOST_CALLS = 1_000;
/** Runs at once. */
const LANES = amount(2, 3);
/** The short form tries only a few calls. */
const SAMPLE = 1;

/** Calls with which bytes, names and rows get on the disk. */
const CALLS = ['fsync', 'link', 'unlink', 'mkdir', 'pwrite64', 'ftruncate', 'writev'];

/** What a server lives through: it may die anywhere in it. */
interface Life {
  readonly title: string;
  /** Calls that it certainly makes more than once: a sweep that does not die at them sweeps nothing. */
  readonly deadly: readonly string[];
  /** The drive as it is before, stopped. */
  readonly before: () => Promise<CrashDrive>;
  readonly live: (drive: CrashDrive) => Promise<void>;
}

/** Everything once, one after the other, so that the k-th call is the same one in each run. */
async function everything(drive: CrashDrive): Promise<void> {
  const [alice, bob] = drive.people as [Recorder, Recorder];
  const first = await alice.upload('first.txt');
  await alice.upload('large.bin', 1_500_000);
  await alice.remove(first);
  const again = await alice.upload('first.txt');
  await alice.toggle(again, true);
  const link = await alice.share(again, 1);
  if (link) await bob.use(again, link);
  await bob.abandon('half.txt');
  await bob.upload('whole.txt');
  await alice.remove(again, 'by-a-key');
  await alice.remove(again, 'by-a-key');
  await bob.removeMany([await bob.upload('one.txt'), await bob.upload('other.txt')]);
  await drive.drained();
}

/** Uploads in parts: one that becomes a file, with a broken line and a look between, and one that is ended. */
async function inParts(drive: CrashDrive): Promise<void> {
  const [alice, bob] = drive.people as [Recorder, Recorder];
  const book = await alice.begin('parts.bin', 1_500_000);
  if (book) {
    await alice.append(book, 10);
    await alice.append(book, 1_200_000);
    await alice.look(book);
    await alice.append(book, 1_500_000);
  }
  const ended = await bob.begin('ended.bin', 3000);
  if (ended) {
    await bob.append(ended, 1000);
    await bob.endUpload(ended);
  }
  const [file] = drive.ledger.files;
  if (file?.upload === 'acknowledged') await alice.remove(file);
  await drive.drained();
}

/** A drive whose server died with one upload in parts that is due, one that is whole and no file yet, and one in its midst. */
async function wreckOfParts(): Promise<CrashDrive> {
  const drive = await CrashDrive.create(['alice', 'bob']);
  const [alice, bob] = drive.people as [Recorder, Recorder];
  await drive.start();
  const [due, whole, open] = [
    await bob.begin('due', 3000),
    await alice.begin('whole', 3000),
    await bob.begin('o', 3000),
  ];
  for (const [person, book] of [
    [bob, due!],
    [alice, whole!],
    [bob, open!],
  ] as const)
    await person.append(book, 1000);
  await drive.stop();
  await drive.start({ failpoint: 'append.saved' });
  await drive.expire(due!);
  await alice.append(whole!, 2000);
  await drive.server!.ended;
  return drive;
}

/** A drive whose server died with an upload published, another one stored and a removal to do. */
async function wreck(): Promise<CrashDrive> {
  const drive = await CrashDrive.create(['alice', 'bob']);
  const [alice, bob] = drive.people as [Recorder, Recorder];
  for (const [failpoint, live] of [
    ['delete.committed', async () => alice.remove(await alice.upload('deleted.txt'))],
    ['upload.synced', () => bob.upload('stored.txt')],
    ['upload.published', () => alice.upload('published.txt')],
  ] as const) {
    await drive.start({ failpoint, variables: { UV_THREADPOOL_SIZE: '1' } });
    await live();
    await drive.server!.ended;
  }
  return drive;
}

const LIVES: Life[] = [
  {
    title: 'a first start',
    deadly: ['fsync', 'link', 'mkdir', 'pwrite64'],
    before: () => CrashDrive.empty(),
    live: async () => undefined,
  },
  {
    title: 'uploads, deletes and links',
    deadly: ['link', 'unlink', 'pwrite64', 'writev', 'fsync'],
    before: () => CrashDrive.create(['alice', 'bob']),
    live: everything,
  },
  {
    title: 'uploads in parts',
    deadly: ['unlink', 'pwrite64', 'fsync'],
    before: () => CrashDrive.create(['alice', 'bob']),
    live: inParts,
  },
  {
    title: 'a recovery',
    deadly: ['fsync', 'pwrite64', 'unlink'],
    before: wreck,
    live: async (drive) => void (await drive.drained()),
  },
  {
    title: 'a recovery of uploads in parts',
    deadly: ['unlink', 'pwrite64', 'fsync'],
    before: wreckOfParts,
    live: async (drive) => void (await drive.drained()),
  },
];

/** @returns whether the server was killed at its k-th call; if not, it has lived to its end */
async function diesAt(before: CrashDrive, { title, live }: Life, suffering: Suffering, at: string): Promise<boolean> {
  const drive = await before.copy();
  try {
    const diedAtStart = await drive.start(suffering);
    if (!diedAtStart) await live(drive);
    const end = diedAtStart ?? (await drive.stop());
    const killed = end?.signal === 'SIGKILL';
    if (killed) tally.killed(`${at.split(' ')[0]}, in ${title}`);
    else expect(end?.signal).toBe('SIGTERM');
    await drive.assertTrueInDeath(`killed at ${at} of ${title}`);
    await drive.recover();
    await drive.assertTrueAtRest(`after a kill at ${at} of ${title}`);
    return killed;
  } finally {
    await drive.destroy();
  }
}

/** @returns at how many of its calls the server was killed before a run survived */
async function sweep(strace: string, before: CrashDrive, life: Life, call: string): Promise<number> {
  const random = new Random(`${life.title} ${call}`);
  const progress = { k: 0, deaths: 0, survived: false };
  let tries = 0;
  const lane = async () => {
    while (!progress.survived && tries++ < amount(SAMPLE, MOST_CALLS)) {
      const k = (progress.k += amount(1 + random.below(3), 1));
      const suffering = { wrapper: killAt(strace, call, k), variables: KILL_ALONE };
      if (await diesAt(before, life, suffering, `${call} ${k}`)) progress.deaths += 1;
      else progress.survived = true;
    }
  };
  await together(Array.from({ length: LANES }, lane));
  if (FULL && !progress.survived) throw new Error(`${call} is called more than ${MOST_CALLS} times`);
  return progress.deaths;
}

describeWith('strace', 'kill -9 at the k-th system call', (strace) => {
  // The calls of SQLite are among them; on MariaDB the rows are another process's business (test/database).
  if (testEngine() !== 'sqlite') return skipVisibly('skipped: kill -9 at the k-th system call needs SQLite');

  for (const life of LIVES) {
    let before: CrashDrive;
    beforeAll(async () => void (before = await life.before()));
    afterAll(() => before.destroy());

    it(
      `of ${life.title} breaks no promise, at any k`,
      async () => {
        const sweepOf = async (call: string) => {
          const deaths = await sweep(strace, before, life, call);
          if (life.deadly.includes(call)) expect(deaths, `deaths at ${call}`).toBeGreaterThan(amount(0, 1));
        };
        for (const call of amount(life.deadly.slice(-1), CALLS)) await sweepOf(call);
      },
      PATIENCE_MS,
    );
  }
});
