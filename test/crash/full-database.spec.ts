import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith, skipVisibly } from '../support/engines.js';
import { testEngine } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import { fill, freeOf, Mounts, reserved } from './support/mounts.js';
import { PATIENCE_MS } from './support/plan.js';
import type { FileRecord } from './support/ledger.js';
import { tally } from './support/report.js';

const MIB = 1024 * 1024;

describeWith('tmpfs', 'a disk of 8 MiB under database and blobs', () => {
  if (testEngine() !== 'sqlite') return skipVisibly('skipped: a disk of 8 MiB under database and blobs needs SQLite');

  let drive: CrashDrive;
  let mounts: Mounts;
  let dataDir: string;

  beforeEach(async () => {
    mounts = new Mounts();
    drive = await CrashDrive.empty();
    dataDir = drive.environment.DATA_DIR!;
    mounts.disk(dataDir, 8);
    await drive.admit(['alice']);
  });
  afterEach(async () => {
    await drive.stop('SIGKILL');
    mounts.release();
    await drive.destroy();
  });

  /** Uploads until there is no more room for it, and then somebody else takes the rest, to the last byte. */
  const fillUp = async (): Promise<FileRecord[]> => {
    const alice = drive.people[0]!;
    await reserved(dataDir);
    for (let n = 0; ; n += 1) if ((await alice.upload(`${n}.bin`, 200_000)).upload !== 'acknowledged') break;
    const { status, body } = await alice.client.upload('more.bin', new Uint8Array(200_000));
    expect([status, body.error]).toEqual([507, 'Insufficient storage']);
    await drive.drained();
    // Uploads have left room for the database, and the reserve.
    expect(freeOf(dataDir)).toBeGreaterThan(100_000);
    fill(dataDir);
    expect(freeOf(dataDir)).toBe(0);
    return drive.ledger.files.filter(({ upload }) => upload === 'acknowledged');
  };

  it(
    'that is full to the last byte: deletes answer 200, the room is there, and nothing else is lost',
    async () => {
      await drive.start();
      const alice = drive.people[0]!;
      const files = await fillUp();
      expect(files.length).toBeGreaterThan(12);
      for (const file of files.slice(0, 4)) expect(await alice.remove(file)).toBe('acknowledged');
      expect(await alice.removeMany(files.slice(4, 8))).toBe('acknowledged');
      const rest = files.slice(8, 12).map((file) => alice.remove(file));
      expect(await Promise.all(rest)).toEqual(Array(4).fill('acknowledged'));
      tally.faults += 9;
      await drive.drained();
      expect(freeOf(dataDir)).toBeGreaterThan(MIB);
      for (const file of files.slice(12)) await alice.download(file);
      await drive.assertTrueAtRest('after deletes on a full disk');
      await reserved(dataDir);
      await drive.stop('SIGKILL');
      await drive.assertTrueInDeath('after deletes on a full disk');
      await drive.recover();
      await drive.assertTrueAtRest('after deletes on a full disk, and a kill');
    },
    PATIENCE_MS,
  );

  it('that is full to the last byte: people get in to make room', async () => {
    await drive.start();
    await fillUp();
    const { status } = await drive.people[0]!.client.post('/api/login', {
      username: 'alice',
      password: 'correct horse battery',
    });
    expect(status).toBe(200);
  });

  it.each(['delete.recorded', 'delete.committed', 'removal.unlinked', 'removal.flushed', 'removal.settled'])(
    'that is full to the last byte, and kill -9 at %s: the server starts, and the file is there or gone',
    async (failpoint) => {
      // What is made at the start passes none of them.
      expect(await drive.start({ failpoint })).toBeUndefined();
      const [file] = await fillUp();
      await drive.people[0]!.remove(file!);
      expect((await drive.server!.ended).signal).toBe('SIGKILL');
      tally.killed(`${failpoint}, on a full disk`);
      await drive.assertTrueInDeath(`killed at ${failpoint} on a full disk`);
      expect(await drive.start()).toBeUndefined();
      await drive.assertTrueAtRest(`after ${failpoint} on a full disk`);
      const gone = failpoint !== 'delete.recorded';
      expect(drive.ledger.files.some(({ id }) => id === file!.id)).toBe(!gone);
      if (!gone) expect(await drive.people[0]!.remove(file!)).toBe('acknowledged');
      await drive.assertTrueAtRest('after the delete');
    },
    PATIENCE_MS,
  );
});
