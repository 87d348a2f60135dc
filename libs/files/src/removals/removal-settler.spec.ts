import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@app/database';
import { type StorageService, Storages } from '@app/storage';
import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLocal } from '../../../../test/contract/local-place.js';
import { closing, onEachDatabase } from '../../../../test/support/columns.js';
import { type DatabaseSettings, openProbe, type Probe } from '../../../../test/support/probe.js';
import { RemovalSettler } from './removal-settler.js';

interface Planted {
  id: number;
  fileId: number | null;
  storageId: string;
  storageKey: string;
}

onEachDatabase('RemovalSettler', (column) => {
  const closed = closing();
  let database: Awaited<ReturnType<typeof openDatabase>>;
  let probe: Probe;
  let dataDir: string;
  let storageId: string;
  let settler: RemovalSettler;
  /** What was made durable, and the rows that were there when it was. */
  let flushes: { keys: readonly string[]; rows: number[] }[];
  let faults: number;

  beforeEach(async () => {
    const settings: DatabaseSettings = await column.empty();
    database = closed(await openDatabase(settings as never));
    probe = closed(await openProbe(settings));
    dataDir = mkdtempSync(join(tmpdir(), 'defdrive-'));
    const storage = await openLocal(dataDir);
    storageId = await storage.attach(undefined);
    flushes = [];
    faults = 0;
    // It tells of the failures that are planted here.
    Logger.overrideLogger(false);
    settler = new RemovalSettler(database.units, new Storages(watched(storage)));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  /** The real storage; it fails `faults` times, and a flush takes its time. */
  function watched(storage: StorageService): StorageService {
    const flush = storage.flush.bind(storage);
    storage.flush = async (keys) => {
      flushes.push({ keys, rows: await rows() });
      faults -= 1;
      if (faults >= 0) throw new Error('EIO at fsync');
      await flush(keys);
      flushes.at(-1)!.rows = await rows();
    };
    return storage;
  }

  const rows = async () =>
    (await probe.rows<{ id: number }>('SELECT id FROM blobRemovals ORDER BY id')).map(({ id }) => id);

  async function plant(count: number): Promise<Planted[]> {
    for (let n = 0; n < count; n += 1) {
      await probe.run(
        'INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt) VALUES (1, ?, ?, ?, 0, 0, 0)',
        [`n${n}`, storageId, `alice/${n}`],
      );
    }
    return probe.rows('SELECT id, fileId, storageId, storageKey FROM blobRemovals ORDER BY id');
  }

  it('makes removals durable before their rows go', async () => {
    const [first, second, third] = await plant(3);
    await settler.settle([first!, third!]);
    expect(flushes).toEqual([{ keys: ['alice/0', 'alice/2'], rows: [first!.id, second!.id, third!.id] }]);
    expect(await rows()).toEqual([second!.id]);
  });

  it('leaves the rows of removals that cannot be made durable', async () => {
    const removals = await plant(2);
    faults = 1;
    await expect(settler.settle(removals)).rejects.toThrow('EIO');
    expect(await rows()).toHaveLength(2);
    await settler.settle(removals);
    expect(await rows()).toEqual([]);
  });

  it('takes many at once, in pieces that every database takes', async () => {
    const removals = await plant(3);
    const gone = Array.from({ length: 1_200 }, (_, n) => ({
      id: 100_000 + n,
      fileId: null,
      storageId,
      storageKey: `bob/${n}`,
    }));
    await settler.settle([...removals, ...gone]);
    expect(flushes.map(({ keys }) => keys.length)).toEqual([500, 500, 203]);
    expect(await rows()).toEqual([]);
  });

  it('gathers what is handed in, and is idle when nothing is left', async () => {
    const removals = await plant(20);
    for (const removal of removals) settler.settleSoon(removal);
    expect(await rows()).toHaveLength(20);
    await settler.idle();
    expect([await rows(), flushes.length]).toEqual([[], 1]);
    await settler.idle();
    expect(flushes).toHaveLength(1);
  });

  it('takes in what comes while it works, and goes on after a failure', async () => {
    const [first, ...others] = await plant(4);
    faults = 1;
    settler.settleSoon(first!);
    while (flushes.length === 0) await new Promise(setImmediate);
    for (const removal of others) settler.settleSoon(removal);
    await settler.idle();
    expect(await rows()).toEqual([first!.id]);
    settler.settleSoon(first!);
    await settler.idle();
    expect(await rows()).toEqual([]);
  });
});
