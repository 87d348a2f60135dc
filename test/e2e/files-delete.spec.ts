import { describe, expect, it } from 'vitest';
import { told } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';

const drive = driveFixture();

const newcomer = () => drive.newcomer();
const fileRows = (id: number) => drive.probe.rows('SELECT * FROM files WHERE id = ?', [id]);
const accessRows = (id: number) => drive.probe.rows('SELECT * FROM accesses WHERE fileId = ?', [id]);

/** Links, straight into the table: what the delete must take along. */
async function plantAccesses(fileId: number, number: number): Promise<void> {
  for (let n = 0; n < number; n += 100) {
    const rows = Array.from({ length: Math.min(100, number - n) }, () => {
      const link = crypto.randomUUID().replaceAll('-', '');
      return `(${fileId}, 'x', '${link}', '[]', '[]', 1, 0, 0, 0, '{}', 0)`;
    });
    await drive.probe.run(
      `INSERT INTO accesses (fileId, name, link, subnets, ips, public, oneTimeUse, enableTTL, uses, refusals, createdAt) VALUES ${rows.join()}`,
    );
  }
}

describe('DELETE /api/files/:fileId', () => {
  it('refuses who has no token, and everything is still there', async () => {
    const file = await (await newcomer()).file('a.txt');
    expect(told(await drive.anonymous().delete(`/api/files/${file.id}`))).toEqual([401, 'User not authenticated']);
    expect(await fileRows(file.id)).toHaveLength(1);
  });

  it.each(['abc', '-1', '0', '01', '1.5', '1e3', '0x1', '%201', '4294967296', '2147483648', '1%00', '１'])(
    'refuses %j, which is no id',
    async (id) => {
      expect(told(await (await newcomer()).delete(`/api/files/${id}`))).toEqual([400, 'Invalid file ID']);
    },
  );

  it('answers 404 for what is not there', async () => {
    expect(told(await (await newcomer()).delete('/api/files/2147483647'))).toEqual([404, 'File not found']);
  });

  it("refuses another's file, and everything is still there", async () => {
    const [owner, other] = [await newcomer(), await newcomer()];
    const file = await owner.file('mine.txt', 'mine');
    await plantAccesses(file.id, 3);
    expect(told(await other.delete(`/api/files/${file.id}`))).toEqual([
      403,
      "You don't have permission to delete this file",
    ]);
    expect(await fileRows(file.id)).toHaveLength(1);
    expect(await accessRows(file.id)).toHaveLength(3);
    expect(await drive.blobs()).toContainEqual({ key: file.location, size: 4, sha256: sha256('mine') });
    expect((await owner.get('/api/user/limits')).body.currentFiles).toBe(1);
  });

  it('removes accesses, record and bytes, and gives the room back', async () => {
    const owner = await newcomer();
    const [file, other] = [await owner.file('gone.txt', '12345'), await owner.file('stays.txt', '123')];
    await plantAccesses(file.id, 3);
    await plantAccesses(other.id, 1);
    expect(told(await owner.delete(`/api/files/${file.id}`))).toEqual([200, 'File deleted successfully']);
    expect(await fileRows(file.id)).toEqual([]);
    expect(await accessRows(file.id)).toEqual([]);
    expect(await accessRows(other.id)).toHaveLength(1);
    expect((await drive.blobs()).map(({ key }) => key)).not.toContain(file.location);
    expect((await owner.get('/api/user/limits')).body).toMatchObject({ currentFiles: 1, currentStorage: 3 });
    expect(told(await owner.delete(`/api/files/${file.id}`))).toEqual([404, 'File not found']);
    await drive.removalsSettled();
    expect(await drive.probe.rows('SELECT * FROM blobRemovals')).toEqual([]);
  });

  it('takes a JSON content type without a body', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    const answer = await owner.request(`/api/files/${file.id}`, {
      method: 'DELETE',
      headers: { 'content-type': 'application/json' },
    });
    expect(answer.status).toBe(200);
  });

  it('deletes once, however many ask at once', async () => {
    const owner = await newcomer();
    await owner.file('other.txt', '12345');
    const file = await owner.file('a.txt', '123');
    const answers = await Promise.all(Array.from({ length: 20 }, () => owner.delete(`/api/files/${file.id}`)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(19).fill(404)]);
    expect((await owner.get('/api/user/limits')).body).toMatchObject({ currentFiles: 1, currentStorage: 5 });
  });

  it('takes a file with five thousand accesses in one go', async () => {
    const owner = await newcomer();
    const file = await owner.file('shared.txt');
    await plantAccesses(file.id, 5_000);
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(200);
    expect(await accessRows(file.id)).toEqual([]);
  });

  it('frees the name at once, for many in turn, and never gives an id again', async () => {
    const owner = await newcomer();
    const ids = new Set<number>();
    for (let round = 0; round < 50; round += 1) {
      const file = await owner.file('again.txt', `round ${round}`);
      ids.add(file.id);
      expect(await drive.blobs()).toContainEqual({
        key: file.location,
        size: file.size,
        sha256: sha256(`round ${round}`),
      });
      expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(200);
    }
    expect(ids.size).toBe(50);
    expect(Math.max(...ids)).toBe([...ids].at(-1));
  });

  it.each([
    ['accesses', 'Failed to delete file accesses'],
    ['files', 'Failed to delete file record'],
  ])('changes nothing when the database refuses the delete of %s', async (table, error) => {
    const owner = await newcomer();
    const file = await owner.file('kept.txt', 'kept');
    await plantAccesses(file.id, 2);
    const lift = await drive.probe.plantFault('DELETE', table);
    const answer = await owner.delete(`/api/files/${file.id}`);
    await lift();
    expect(told(answer)).toEqual([500, error]);
    expect(await fileRows(file.id)).toHaveLength(1);
    expect(await accessRows(file.id)).toHaveLength(2);
    expect(await drive.blobs()).toContainEqual({ key: file.location, size: 4, sha256: sha256('kept') });
    expect((await owner.get('/api/user/limits')).body).toMatchObject({ currentFiles: 1, currentStorage: 4 });
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(200);
  });
});
