import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Drive } from '../support/drive.js';
import { S3Stub } from '../support/s3-stub.js';
import { until } from '../support/until.js';

/** Removals of a bucket where nothing can be removed, each of which has failed before. */
const DEAD = 600;
const INSERT = `
  INSERT INTO blobRemovals (ownerId, fileId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt)`;

let stub: S3Stub;
let drive: Drive;

beforeEach(async () => {
  stub = await S3Stub.start();
  drive = await Drive.start({ STORAGE_URL: '' });
});
afterEach(async () => {
  stub.forgive();
  await drive.destroy();
  await stub.stop();
});

const sum = async (what: string) => {
  const [row] = await drive.probe.rows<{ n: number }>(`SELECT ${what} AS n FROM blobRemovals WHERE storageKey LIKE ?`, [
    'dead/%',
  ]);
  return row!.n;
};

describe('while a drive moves', () => {
  it('removals that fail in one storage, however many, do not delay those in the other', async () => {
    const [disk] = await drive.probe.rows<{ id: string }>('SELECT id FROM storages');
    drive = await drive.restart({ STORAGE_URL: stub.url, STORAGE_FORMER: 'file:' });
    const [bucket] = await drive.probe.rows<{ id: string }>('SELECT id FROM storages WHERE id <> ?', [disk!.id]);
    stub.meetAll('DeleteObject', { kind: 'undone', status: 403, code: 'AccessDenied' });
    const keys = Array.from({ length: DEAD }, (_, n) => `dead/${n}`);
    await drive.probe.run(
      `${INSERT} VALUES ${keys.map(() => '(1, NULL, ?, ?, ?, 3, 1, 1)').join(', ')}`,
      keys.flatMap((key) => [key, bucket!.id, key]),
    );
    await until(async () => (await sum('SUM(attempts)')) > 3 * DEAD);
    // A removal that nobody has tried yet, as the command line leaves one to the server.
    const blob = join(drive.config.dataDir, 'uploads/alive/0');
    mkdirSync(dirname(blob));
    writeFileSync(blob, 'bytes');
    await drive.probe.run(`${INSERT} VALUES (1, NULL, 'alive', ?, 'alive/0', 0, 1, 1)`, [disk!.id]);
    const before = await sum('SUM(attempts)');
    await until(async () => !existsSync(blob));
    expect((await sum('SUM(attempts)')) - before).toBeLessThan(DEAD / 4);
    expect(await sum('COUNT(*)')).toBe(DEAD);
  });
});
