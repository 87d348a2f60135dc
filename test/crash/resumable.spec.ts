import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testEngine } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import type { UploadBook } from './support/ledger.js';
import { amount, PATIENCE_MS } from './support/plan.js';
import { tally } from './support/report.js';

/** Bytes; more than the first of three parts. */
const LENGTH = 3000;
const PART = 1000;

const create = async () => {
  const drive = await CrashDrive.create(['alice']);
  await drive.recover();
  expect((await drive.people[0]!.upload('old.txt')).upload).toBe('acknowledged');
  await drive.assertTrueAtRest('with one file');
  await drive.stop();
  return drive;
};

let template: CrashDrive;
const drives: CrashDrive[] = [];
beforeAll(async () => void (template = await create()));
afterAll(() => Promise.all([template, ...drives].map((drive) => drive.destroy())));

/**
 * A drive with an upload of which so many parts are there, whose server dies at the failpoint while it does what is asked.
 */
async function dieAt(
  failpoint: string,
  parts: number,
  act: (drive: CrashDrive, book: UploadBook) => Promise<unknown>,
  variables: NodeJS.ProcessEnv = {},
): Promise<{ drive: CrashDrive; book: UploadBook }> {
  const drive = testEngine() === 'sqlite' ? await template.copy() : await create();
  drives.push(drive);
  const alice = drive.people[0]!;
  expect(await drive.start({ variables })).toBeUndefined();
  const book = (await alice.begin('new.txt', LENGTH))!;
  for (let done = 0; done < parts; done += 1) expect(await alice.append(book, PART)).toBe('acknowledged');
  await drive.stop();
  expect(await drive.start({ failpoint, variables })).toBeUndefined();
  await act(drive, book);
  expect((await drive.server!.ended).signal).toBe('SIGKILL');
  tally.killed(`${failpoint}, of an upload in parts`);
  await drive.assertTrueInDeath(`killed at ${failpoint}`);
  return { drive, book };
}

/** Goes on with an upload until it is a file. */
async function goOn({ people, ledger }: CrashDrive, book: UploadBook): Promise<void> {
  const alice = people[0]!;
  for (let offset = await alice.look(book); offset! < LENGTH; offset = await alice.look(book)) {
    expect(await alice.append(book, PART)).toBe('acknowledged');
  }
  expect(ledger.files.map(({ name }) => name).toSorted()).toEqual(['new.txt', 'old.txt']);
}

describe.concurrent('kill -9 of an upload in parts', { timeout: PATIENCE_MS }, () => {
  it('at its creation leaves nothing that its client could not begin anew', async () => {
    const { drive } = await dieAt('upload.reserved', 0, async ({ people }) => {
      expect(await people[0]!.begin('other.txt', LENGTH)).toBeUndefined();
    });
    await drive.recover();
    const alice = drive.people[0]!;
    const book = (await alice.begin('other.txt', LENGTH))!;
    expect(await alice.append(book, LENGTH)).toBe('acknowledged');
    await drive.assertTrueAtRest('after the second creation');
  });

  it.each(amount(['append.synced', 'append.saved'], ['upload.synced', 'append.synced', 'append.saved']))(
    'at %s keeps every byte that was told of, and it goes on',
    async (failpoint) => {
      const { drive, book } = await dieAt(failpoint, 1, async ({ people }, open) =>
        expect(await people[0]!.append(open, PART)).toBe('unknown'),
      );
      await drive.recover();
      await drive.assertTrueAtRest('after the restart');
      expect(await drive.people[0]!.look(book)).toBe(failpoint === 'append.saved' ? 2 * PART : PART);
      await goOn(drive, book);
      await drive.assertTrueAtRest('finished');
    },
  );

  it.each(
    amount(['append.saved', 'upload.linked'], ['append.saved', 'upload.linked', 'upload.published', 'upload.live']),
  )('at %s of its last part is finished by the next start', async (failpoint) => {
    const { drive } = await dieAt(failpoint, 2, async ({ people }, open) =>
      expect(await people[0]!.append(open, PART)).toBe('unknown'),
    );
    await drive.recover();
    await drive.assertTrueAtRest('after the restart');
    expect(drive.ledger.files.map(({ name }) => name).toSorted()).toEqual(['new.txt', 'old.txt']);
  });

  it.each(['rollback.cleared', 'rollback.dropped'])('at %s of its end leaves nothing of it', async (failpoint) => {
    const { drive, book } = await dieAt(failpoint, 2, ({ people }, open) => people[0]!.endUpload(open));
    book.end = 'due';
    await drive.recover();
    await drive.assertTrueAtRest('after the restart');
    expect((await drive.people[0]!.upload('new.txt')).upload).toBe('acknowledged');
    await drive.assertTrueAtRest('after the next upload');
  });

  it.each(amount(['rollback.cleared'], ['rollback.cleared', 'rollback.dropped']))(
    'at %s of its expiry leaves nothing of it',
    async (failpoint) => {
      const variables = { UPLOAD_TTL: '4s' };
      const { drive, book } = await dieAt(failpoint, 1, async (_drive, open) => void (open.end = 'due'), variables);
      await drive.recover();
      await drive.assertTrueAtRest('after the restart');
      expect(await drive.people[0]!.look(book)).toBeUndefined();
      expect((await drive.people[0]!.upload('new.txt')).upload).toBe('acknowledged');
      await drive.assertTrueAtRest('after the next upload');
    },
  );
});
