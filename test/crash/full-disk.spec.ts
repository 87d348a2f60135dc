import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { testEngine } from '../support/probe.js';
import { TusClient } from '../support/tus.js';
import { CrashDrive } from './support/crash-drive.js';
import { fill, Mounts, reserved } from './support/mounts.js';
import { PATIENCE_MS } from './support/plan.js';
import type { Recorder } from './support/recorder.js';
import { tally } from './support/report.js';

const MIB = 1024 * 1024;

describeWith('tmpfs', 'a disk of 3 MiB', () => {
  let drive: CrashDrive;
  let mounts: Mounts;

  beforeEach(async () => {
    mounts = new Mounts();
    drive = await CrashDrive.empty();
  });
  afterEach(async () => {
    await drive.stop('SIGKILL');
    mounts.release();
    await drive.destroy();
  });

  const begin = async (): Promise<Recorder> => {
    await drive.admit(['alice']);
    await drive.start();
    return drive.people[0]!;
  };

  const surviveKill = async (context: string): Promise<void> => {
    await drive.stop('SIGKILL');
    tally.killed('any time, after a full disk');
    await drive.assertTrueInDeath(context);
    await drive.recover();
    await drive.assertTrueAtRest(context);
  };

  it(
    'under the blobs: 507 and nothing left; after room is made the next upload is good and survives a kill',
    async () => {
      mounts.disk(drive.uploads, 3);
      const alice = await begin();
      const first = await alice.upload('first.bin', 2 * MIB);
      expect(first.upload).toBe('acknowledged');
      const bytes = new Uint8Array(2 * MIB);
      expect(await alice.client.upload('second.bin', bytes)).toMatchObject({
        status: 507,
        body: { error: 'Insufficient storage' },
      });
      tally.faults += 1;
      await drive.assertTrueAtRest('with a full disk under the blobs');
      const rivals = await Promise.all(Array.from({ length: 6 }, (_, n) => alice.upload(`rival ${n}.bin`, 400_000)));
      const outcomes = rivals.map(({ upload }) => upload);
      expect(new Set(outcomes)).toEqual(new Set(['acknowledged', 'refused']));
      tally.faults += outcomes.filter((outcome) => outcome === 'refused').length;
      await drive.assertTrueAtRest('after rivals for the last room');
      for (const file of [...drive.ledger.files]) expect(await alice.remove(file)).toBe('acknowledged');
      await drive.drained();
      expect((await alice.upload('second.bin', 2 * MIB)).upload).toBe('acknowledged');
      await surviveKill('after room was made under the blobs');
    },
    PATIENCE_MS,
  );

  it(
    'under the blobs, in the midst of a part: 507, what was told is there, and it goes on once there is room',
    async () => {
      mounts.disk(drive.uploads, 3);
      const alice = await begin();
      await alice.upload('first.txt');
      const book = (await alice.begin('parts.bin', 2 * MIB))!;
      expect(await alice.append(book, MIB)).toBe('acknowledged');
      const free = fill(join(drive.uploads, 'alice'));
      const foreign = new Set(['alice/filler']);
      const path = `/api/uploads/${book.id}`;
      const answer = await new TusClient(alice.client).append(path, MIB, book.bytes.subarray(MIB));
      expect([answer.status, answer.body.error]).toEqual([507, 'Insufficient storage']);
      tally.faults += 1;
      const told = (await alice.look(book))!;
      expect(told).toBeGreaterThanOrEqual(MIB);
      await drive.assertTrueAtRest('with a full disk in the midst of a part', foreign);
      await drive.stop('SIGKILL');
      tally.killed('any time, after a full disk');
      await drive.assertTrueInDeath('with a full disk in the midst of a part', foreign);
      free();
      await drive.start();
      expect(await alice.look(book)).toBe(told);
      expect(await alice.append(book, 2 * MIB)).toBe('acknowledged');
      await surviveKill('after room was made for the rest of a part');
    },
    PATIENCE_MS,
  );

  it.skipIf(testEngine() !== 'sqlite')(
    'under the database, in the midst of a part: 507, nothing that was told is lost, and it goes on once there is room',
    async () => {
      const dataDir = drive.environment.DATA_DIR!;
      mounts.disk(dataDir, 3);
      mounts.bind(drive.uploads);
      const alice = await begin();
      const book = (await alice.begin('parts.bin', 200_000))!;
      expect(await alice.append(book, 1000)).toBe('acknowledged');
      await reserved(dataDir);
      const free = fill(dataDir);
      // The room that the write-ahead log has already is used first.
      let outcome = 'acknowledged';
      for (let n = 0; n < 150 && outcome === 'acknowledged'; n++) outcome = await alice.append(book, 1000);
      expect(outcome).toBe('unknown');
      tally.faults += 1;
      expect(await alice.look(book)).toBe(book.told);
      free();
      await drive.assertTrueAtRest('with a full disk under the database in the midst of a part');
      expect(await alice.append(book, 200_000)).toBe('acknowledged');
      await surviveKill('after room was made under the database for a part');
    },
    PATIENCE_MS,
  );

  it.skipIf(testEngine() !== 'sqlite')(
    'under the database: uploads are 507 and change nothing, a delete works; after room is made all goes on',
    async () => {
      const dataDir = drive.environment.DATA_DIR!;
      mounts.disk(dataDir, 3);
      mounts.bind(drive.uploads);
      const alice = await begin();
      const kept = await alice.upload('kept.txt');
      for (let round = 1; round <= 3; round++) {
        const spare = await alice.upload(`spare ${round}.txt`);
        await drive.drained();
        await reserved(dataDir);
        const free = fill(dataDir);
        // The room that the write-ahead log has already is used first.
        for (let n = 0; n < 100; n++) {
          const { upload } = await alice.upload(`${round} ${n}.txt`);
          if (upload !== 'acknowledged') break;
        }
        const { status, body } = await alice.client.upload('more.txt', 'more');
        expect([status, body.error]).toEqual([507, 'Insufficient storage']);
        // A delete has a reserve, and frees what it can.
        expect(await alice.remove(spare)).toBe('acknowledged');
        tally.faults += 3;
        await alice.download(kept);
        free();
        await drive.assertTrueAtRest(`after round ${round} with a full disk under the database`);
        expect((await alice.upload(`after ${round}.txt`)).upload).toBe('acknowledged');
      }
      expect(await alice.remove(kept)).toBe('acknowledged');
      await surviveKill('after room was made under the database');
    },
    PATIENCE_MS,
  );

  it(
    'that becomes read-only: a delete says that the bytes wait, and they go when it can be written again',
    async () => {
      mounts.disk(drive.uploads, 3);
      const alice = await begin();
      const file = await alice.upload('a.txt');
      const kept = await alice.upload('b.txt');
      await drive.drained();
      mounts.remount(drive.uploads, 'ro');
      expect(await alice.client.delete(`/api/files/${file.id}`)).toMatchObject({
        status: 500,
        body: { error: 'Failed to delete the physical file' },
      });
      file.removal = 'acknowledged';
      expect((await alice.client.upload('a.txt', 'again')).status).toBe(409);
      expect((await alice.client.upload('c.txt', 'new')).status).toBe(500);
      expect((await alice.client.get('/api/health/ready')).status).toBe(503);
      await alice.download(kept);
      tally.faults += 3;
      mounts.remount(drive.uploads, 'rw');
      await drive.assertTrueAtRest('after a read-only disk');
      expect((await alice.upload('a.txt')).upload).toBe('acknowledged');
      await surviveKill('after a read-only disk');
    },
    PATIENCE_MS,
  );

  it('that is read-only at the start: the server does not listen, and says why', async () => {
    const dataDir = drive.environment.DATA_DIR!;
    mounts.disk(dataDir, 3);
    await drive.admit(['alice']);
    mounts.remount(dataDir, 'ro');
    expect(await drive.start()).toMatchObject({ code: 1 });
    expect(drive.server!.output).toMatch(/^DefDrive cannot start: DATA_DIR cannot be used \(EROFS\)/m);
    mounts.remount(dataDir, 'rw');
    expect(await drive.start()).toBeUndefined();
  });
});
