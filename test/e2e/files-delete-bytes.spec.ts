import { mkdirSync, renameSync, rmdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { told } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { itOnDisk } from '../support/store.js';
import { until } from '../support/until.js';

const drive = driveFixture();
const newcomer = () => drive.newcomer();

const fileRows = (id: number) => drive.probe.rows('SELECT * FROM files WHERE id = ?', [id]);

/** Makes the bytes of a file impossible to unlink: a directory stands in their place. Gives what lifts the fault. */
function blockUnlink(location: string): () => void {
  const path = join(drive.config.dataDir, 'uploads', location);
  renameSync(path, `${path}.aside`);
  mkdirSync(path);
  return () => {
    rmdirSync(path);
    renameSync(`${path}.aside`, path);
  };
}

describe('DELETE /api/files/:fileId, and the bytes', () => {
  itOnDisk('counts bytes that are gone already as removed', async () => {
    const owner = await newcomer();
    const file = await owner.file('lost.txt');
    unlinkSync(join(drive.config.dataDir, 'uploads', file.location));
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(200);
    expect(await fileRows(file.id)).toEqual([]);
  });

  itOnDisk(
    'says when bytes cannot be removed, hides the file, keeps its name, and removes them once it can',
    async () => {
      const owner = await newcomer();
      const file = await owner.file('stuck.txt');
      const lift = blockUnlink(file.location);
      expect(told(await owner.delete(`/api/files/${file.id}`))).toEqual([500, 'Failed to delete the physical file']);
      expect((await owner.get(`/api/files/${file.id}`)).status).toBe(404);
      expect((await owner.get('/api/user/limits')).body.currentFiles).toBe(0);
      const [removal] = await drive.probe.rows<{ attempts: number; lastError: string }>('SELECT * FROM blobRemovals');
      expect(removal).toMatchObject({ attempts: 1, lastError: expect.stringMatching(/^E[A-Z]+ at unlink$/) });
      expect((await drive.anonymous().get('/api/health/ready')).body).toEqual({ status: 'ok', removalsFailing: 1 });
      expect(told(await owner.upload('stuck.txt'))).toEqual([
        409,
        'A file with this name already exists in your folder',
      ]);
      lift();
      const again = await owner.file('stuck.txt', 'new bytes');
      expect(await drive.blobs()).toContainEqual({ key: again.location, size: 9, sha256: sha256('new bytes') });
      expect(await drive.probe.rows('SELECT * FROM blobRemovals')).toEqual([]);
    },
  );

  itOnDisk('removes them by itself, too', async () => {
    const owner = await newcomer();
    const file = await owner.file('later.txt');
    const lift = blockUnlink(file.location);
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(500);
    lift();
    await until(async () => (await drive.probe.rows('SELECT id FROM blobRemovals')).length === 0);
    expect((await drive.blobs()).map(({ key }) => key)).not.toContain(file.location);
  });

  it('lets a download that is under way run to its end', async () => {
    const owner = await newcomer();
    const bytes = Buffer.alloc(30_000_000, 'x');
    const file = await owner.file('long.bin', bytes);
    const download = await owner.fetch(`/api/files/${file.id}/content`);
    const reader = download.body!.getReader();
    let received = (await reader.read()).value!.length;
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(200);
    expect((await owner.get(`/api/files/${file.id}/content`)).status).toBe(404);
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) received += chunk.value.length;
    expect(received).toBe(bytes.length);
  });

  itOnDisk('takes an unmounted volume for what it is, and not for bytes that are gone', async () => {
    const owner = await newcomer();
    const file = await owner.file('volume.txt', 'still there');
    const uploads = join(drive.config.dataDir, 'uploads');
    renameSync(uploads, `${uploads}.away`);
    mkdirSync(uploads);
    const answer = await owner.delete(`/api/files/${file.id}`);
    rmSync(uploads, { recursive: true });
    renameSync(`${uploads}.away`, uploads);
    expect(told(answer)).toEqual([500, 'Failed to delete the physical file']);
    expect(await drive.probe.rows('SELECT id FROM blobRemovals')).toHaveLength(1);
    await until(async () => (await drive.probe.rows('SELECT id FROM blobRemovals')).length === 0);
    expect((await drive.blobs()).map(({ key }) => key)).not.toContain(file.location);
  });

  itOnDisk('never unlinks what stands at its key beside it', async () => {
    const owner = await newcomer();
    const file = await owner.file('a', 'one');
    const beside = await owner.file('ab', 'two');
    writeFileSync(join(drive.config.dataDir, 'uploads', owner.username, 'foreign'), 'three');
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(200);
    const keys = (await drive.blobs()).map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining([beside.location, `${owner.username}/foreign`]));
    unlinkSync(join(drive.config.dataDir, 'uploads', owner.username, 'foreign'));
  });
});
