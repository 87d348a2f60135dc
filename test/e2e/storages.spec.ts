import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { follow, share, type Shared } from '../support/sharing.js';
import { until } from '../support/until.js';

/** The id of a storage that is not here. */
const ELSEWHERE = 'e15e0000-0000-4000-8000-000000000000';

let owner: Client;
let here: string;

const drive = driveFixture();
beforeAll(async () => {
  owner = await drive.signUp('owner');
  [{ id: here }] = (await drive.probe.rows<{ id: string }>('SELECT id FROM storages')) as [{ id: string }];
});

/** A shared file whose record says that its bytes are in another storage; at the same key in this one lie others. */
async function elsewhere(settings: Record<string, unknown> = {}): Promise<Shared> {
  const shared = await share(owner, settings);
  await drive.probe.run('UPDATE files SET storageId = ? WHERE id = ?', [ELSEWHERE, shared.file.id]);
  return shared;
}

const bytesAt = (key: string) => readFileSync(join(drive.config.dataDir, 'uploads', key), 'utf8');
const removalsOf = (key: string) =>
  drive.probe.rows<Record<string, unknown>>('SELECT * FROM blobRemovals WHERE storageKey = ?', [key]);

/** Resolves once the worker has been at the queue again: it has removed what was put there last. */
async function workerHasPassed(): Promise<void> {
  const key = `owner/${crypto.randomUUID()}`;
  await drive.probe.run(
    `INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt)
     VALUES (1, ?, ?, ?, 0, 1, 0)`,
    [key.slice(0, 64), here, key],
  );
  await until(async () => (await removalsOf(key)).length === 0);
}

describe('a file whose bytes are in another storage', () => {
  it('is unavailable, and what lies at its key here is not sent in its place', async () => {
    const { file, link } = await elsewhere();
    for (const headers of [new Headers(), new Headers({ range: 'bytes=0-1' })]) {
      const answer = await owner.request(`/api/files/${file.id}/content`, { headers });
      expect([answer.status, answer.body.error]).toEqual([503, 'Service unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect((await owner.fetch(`/api/files/${file.id}/content`, { method: 'HEAD' })).status).toBe(503);
    expect((await follow(link)).status).toBe(503);
    expect((await owner.get(`/api/files/${file.id}`)).status).toBe(200);
  });

  it('costs a counted link no use', async () => {
    const { access, link } = await elsewhere({ oneTimeUse: true });
    expect((await follow(link)).status).toBe(503);
    expect(await drive.probe.rows('SELECT uses FROM accesses WHERE id = ?', [access.id])).toEqual([{ uses: 0 }]);
  });

  it('is deleted, but its removal waits until its storage is here, and takes nothing of this one', async () => {
    const { file } = await elsewhere();
    const bytes = bytesAt(file.location);
    const answer = await owner.delete(`/api/files/${file.id}`);
    expect([answer.status, answer.body.error]).toEqual([500, 'Failed to delete the physical file']);
    expect((await owner.get(`/api/files/${file.id}`)).status).toBe(404);
    await drive.probe.run('UPDATE blobRemovals SET nextAttemptAt = 0 WHERE storageKey = ?', [file.location]);
    await workerHasPassed();
    const [removal, ...others] = await removalsOf(file.location);
    expect(others).toEqual([]);
    expect(removal).toMatchObject({ storageId: ELSEWHERE, attempts: 1, lastError: expect.stringMatching(/not here/) });
    expect(bytesAt(file.location)).toBe(bytes);

    await drive.probe.run('UPDATE blobRemovals SET storageId = ? WHERE storageKey = ?', [here, file.location]);
    await until(async () => (await removalsOf(file.location)).length === 0);
    expect(() => bytesAt(file.location)).toThrow('ENOENT');
  });

  it('leaves its name to a new file in this one, whose bytes its removal never takes', async () => {
    const { file } = await elsewhere();
    await owner.delete(`/api/files/${file.id}`);
    rmSync(join(drive.config.dataDir, 'uploads', file.location));
    const again = await owner.file(file.name, 'new bytes');
    await drive.probe.run('UPDATE blobRemovals SET nextAttemptAt = 0 WHERE storageKey = ?', [again.location]);
    await workerHasPassed();
    expect(bytesAt(again.location)).toBe('new bytes');
    expect(await removalsOf(again.location)).toHaveLength(1);
    expect((await owner.fetch(`/api/files/${again.id}/content`)).status).toBe(200);
  });
});
