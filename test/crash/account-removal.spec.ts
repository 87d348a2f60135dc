import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/client.js';
import { testEngine } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import { amount } from './support/plan.js';
import { tally } from './support/report.js';
import { readWorld } from './support/world.js';

/** More than one batch of the removal, which takes 32 files at once. */
const FILES = 40;

/** A drive with somebody who will leave, who has files and a link, and somebody who stays. */
async function withTwo(): Promise<CrashDrive> {
  const drive = await CrashDrive.create(['leaver', 'stayer']);
  await drive.recover();
  const [leaver, stayer] = drive.people;
  const files = [];
  for (let n = 0; n < FILES; n++) files.push(await leaver!.upload(`file ${n}.txt`));
  await leaver!.toggle(files[0]!, true);
  await leaver!.share(files[0]!, 5);
  await leaver!.remove(files.pop()!);
  await stayer!.upload('kept.txt');
  await drive.assertTrueAtRest('before anybody leaves');
  await drive.stop();
  return drive;
}

let template: CrashDrive;
const drives: CrashDrive[] = [];
beforeAll(async () => void (template = await withTwo()));
afterAll(() => Promise.all([template, ...drives].map((drive) => drive?.destroy())));

/** Lets the server die at the failpoint while the account is being removed. */
async function dieAt(failpoint: string): Promise<CrashDrive> {
  const drive = testEngine() === 'sqlite' ? await template.copy() : await withTwo();
  drives.push(drive);
  expect(await drive.start({ failpoint })).toBeUndefined();
  expect(await drive.people[0]!.leave()).toBe('unknown');
  expect((await drive.server!.ended).signal).toBe('SIGKILL');
  tally.killed(`${failpoint}, of an account's removal`);
  await drive.assertTrueInDeath(`killed at ${failpoint}`);
  return drive;
}

/** After a start nothing of the account is left, nobody gets into it meanwhile, and its name is free. */
async function assertFinished(drive: CrashDrive): Promise<void> {
  const [leaver, stayer] = drive.people;
  await drive.recover();
  expect((await leaver!.client.get('/api/user')).status).toBe(401);
  await drive.assertTrueAtRest('after the restart');
  const world = await readWorld(drive.environment);
  expect(world.users.map(({ username }) => username)).toEqual(['stayer']);
  expect(world.files.map(({ name }) => name)).toEqual(['kept.txt']);
  expect([...world.blobs.keys()]).toEqual(['stayer/kept.txt']);
  expect([world.accesses, world.receipts, world.removals]).toEqual([[], [], []]);
  expect((await stayer!.client.get('/api/files')).body.files).toHaveLength(1);
  const logIn = await leaver!.client.post('/api/login', { username: 'leaver', password: PASSWORD });
  expect(logIn.status).toBe(401);
  await drive.join('leaver');
  expect((await drive.people.at(-1)!.upload('file 0.txt')).upload).toBe('acknowledged');
  await drive.assertTrueAtRest('after the name was taken again');
}

describe.concurrent('kill -9 while an account is being removed', () => {
  it.each(
    amount(
      ['account-removal.begun', 'account-removal.batch:1', 'account-removal.last'],
      [
        ...['begun', 'batch:1', 'batch:2', 'last'].map((step) => `account-removal.${step}`),
        ...['delete.recorded:7', 'removal.unlinked:1', 'removal.unlinked:20', 'removal.flushed:1', 'removal.settled:1'],
      ],
    ),
  )('at %s: it is finished after the restart', async (failpoint) => {
    await assertFinished(await dieAt(failpoint));
  });

  it.each(amount(['account-removal.batch:1'], ['account-removal.batch:1', 'account-removal.last']))(
    'and again in what finishes it, at %s',
    async (failpoint) => {
      const drive = await dieAt('account-removal.begun');
      // It may die before it listens, or after.
      await drive.start({ failpoint });
      expect((await drive.server!.ended).signal).toBe('SIGKILL');
      tally.killed(`${failpoint}, of an account's removal`);
      await drive.assertTrueInDeath(`killed again at ${failpoint}`);
      await assertFinished(drive);
    },
  );
});
