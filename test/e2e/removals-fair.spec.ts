import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { until } from '../support/until.js';

/** Removals of a folder where nothing can be removed. */
const DEAD = 3_000;

let storageId: string;
// Directories stand where bytes cannot be removed.
const drive = driveFixture({}, { checked: 'never' });
beforeAll(async () => {
  const [storage] = await drive.probe.rows<{ id: string }>('SELECT id FROM storages');
  storageId = storage!.id;
});

const path = (key: string) => join(drive.config.dataDir, 'uploads', key);

/** Removals that wait, as the command line leaves them to the server. */
async function enqueue(keys: readonly string[], attempts: number): Promise<void> {
  for (let from = 0; from < keys.length; from += 500) {
    const some = keys.slice(from, from + 500);
    await drive.probe.run(
      `INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt)
       VALUES ${some.map(() => '(1, ?, ?, ?, ?, 1, 1)').join(', ')}`,
      some.flatMap((key) => [key, storageId, key, attempts]),
    );
  }
}

const waiting = async (of: string) =>
  (
    await drive.probe.rows<{ n: number }>('SELECT COUNT(*) AS n FROM blobRemovals WHERE storageKey LIKE ?', [`${of}/%`])
  )[0]!.n;
const failed = async () =>
  (
    await drive.probe.rows<{ n: number }>(
      "SELECT COALESCE(SUM(attempts), 0) AS n FROM blobRemovals WHERE storageKey LIKE 'dead/%'",
    )
  )[0]!.n;

describe('removals', () => {
  it('of which there is work are carried out without a pause', async () => {
    const keys = Array.from({ length: 640 }, (_, n) => `many/${n}`);
    mkdirSync(path('many'));
    for (const key of keys) writeFileSync(path(key), 'bytes');
    const began = performance.now();
    await enqueue(keys, 0);
    await until(async () => (await waiting('many')) === 0);
    // Ten times what is taken at once: with a look at the queue each second it would be ten seconds.
    expect(performance.now() - began).toBeLessThan(6_000);
    expect(keys.filter((key) => existsSync(path(key)))).toEqual([]);
  });

  it('that fail, however many and however often, do not delay others', async () => {
    // What is no file cannot be removed as one.
    const dead = Array.from({ length: DEAD }, (_, n) => `dead/${n}`);
    for (const key of dead) mkdirSync(path(key), { recursive: true });
    await enqueue(dead, 3);
    await until(async () => (await failed()) > 3 * DEAD);
    mkdirSync(path('alive'));
    for (let round = 0; round < 5; round += 1) {
      const key = `alive/${round}`;
      writeFileSync(path(key), 'bytes');
      const before = await failed();
      await enqueue([key], 0);
      await until(async () => (await waiting('alive')) === 0);
      expect(existsSync(path(key))).toBe(false);
      // In the meantime the others were tried, but few of them.
      expect((await failed()) - before).toBeLessThan(DEAD / 4);
    }
    expect(await waiting('dead')).toBe(DEAD);
    await drive.probe.run("DELETE FROM blobRemovals WHERE storageKey LIKE 'dead/%'");
  });
});
