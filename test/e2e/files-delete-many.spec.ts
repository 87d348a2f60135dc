import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { share } from '../support/sharing.js';
import { itOnDisk } from '../support/store.js';

const drive = driveFixture();

const newcomer = () => drive.newcomer();

async function files(owner: Client, number: number): Promise<number[]> {
  const made = await Promise.all(Array.from({ length: number }, (_, n) => owner.file(`file ${n}.txt`)));
  return made.map(({ id }) => id);
}

const idsLeft = async (owner: Client) =>
  (await owner.get('/api/files?limit=200')).body.files.map(({ id }: { id: number }) => id).toSorted();
const gone = (ids: number[]) => ids.map((id) => ({ id, deleted: true }));

describe('POST /api/files/delete', () => {
  it('deletes all of them, with links, receipts and bytes, and gives the room back', async () => {
    const owner = await newcomer();
    const shared = await share(owner);
    const ids = [...(await files(owner, 5)), shared.file.id];
    const kept = await owner.file('kept.txt', '123');
    const { status, body } = await owner.post('/api/files/delete', { ids });
    expect([status, body]).toEqual([200, { deleted: 6, results: gone(ids) }]);
    expect(await idsLeft(owner)).toEqual([kept.id]);
    expect((await owner.get('/api/user/limits')).body).toMatchObject({ currentFiles: 1, currentStorage: 3 });
    expect((await drive.anonymous().get(new URL(shared.link).pathname)).status).toBe(404);
    await drive.removalsSettled();
    const { receipts } = (await owner.get('/api/deletions')).body;
    expect(receipts.map(({ fileId }: any) => fileId)).toEqual(ids.toSorted((a, b) => b - a));
    expect(receipts.map(({ sequence }: any) => sequence)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(receipts.map(({ accesses }: any) => accesses)).toEqual([0, 0, 0, 0, 0, 1]);
    expect(receipts.every(({ bytesGoneAt }: any) => bytesGoneAt !== null)).toBe(true);
    expect((await drive.blobs()).filter(({ key }) => key.startsWith(`${owner.username}/`))).toHaveLength(1);
  });

  it("says of each what its own delete would have said, and leaves another's alone", async () => {
    const [owner, other] = [await newcomer(), await newcomer()];
    const [first, second] = await files(owner, 2);
    const foreign = await other.file('foreign.txt');
    const { status, body } = await owner.post('/api/files/delete', {
      ids: [first, foreign.id, 2147483647, second, first],
    });
    expect(status).toBe(200);
    expect(body).toEqual({
      deleted: 2,
      results: [
        { id: first, deleted: true },
        {
          id: foreign.id,
          deleted: false,
          error: "You don't have permission to delete this file",
          code: 'may_not_delete_file',
        },
        { id: 2147483647, deleted: false, error: 'File not found', code: 'file_not_found' },
        { id: second, deleted: true },
        { id: first, deleted: false, error: 'File not found', code: 'file_not_found' },
      ],
    });
    expect(await idsLeft(other)).toEqual([foreign.id]);
  });

  it.each([
    [{ ids: [] }, undefined],
    [{ ids: Array.from({ length: 501 }, (_, n) => n + 1) }, undefined],
    [{ ids: 'all' }, undefined],
    [{}, undefined],
    [{ ids: [1], confirm: -1 }, undefined],
    [{ ids: [1], everything: true }, undefined],
    [{ ids: [1, 0] }, 'Invalid file ID'],
    [{ ids: [1.5] }, 'Invalid file ID'],
    [{ ids: ['1'] }, 'Invalid file ID'],
    [{ ids: [4294967296] }, 'Invalid file ID'],
    [{ ids: [null] }, 'Invalid file ID'],
  ])('refuses %j, and deletes nothing', async (request, error) => {
    const owner = await newcomer();
    const file = await owner.file('kept.txt');
    const ids: unknown = 'ids' in request ? request.ids : undefined;
    const body = Array.isArray(ids) && ids.includes(1) ? { ...request, ids: [file.id, ...ids.slice(1)] } : request;
    const answer = await owner.post('/api/files/delete', body);
    expect(answer.status).toBe(400);
    if (error) expect(answer.body.error).toBe(error);
    expect(await idsLeft(owner)).toEqual([file.id]);
  });

  it('refuses who has no token, and a list of downloads', async () => {
    expect((await drive.anonymous().post('/api/files/delete', { ids: [1] })).status).toBe(401);
    const owner = await newcomer();
    const file = await owner.file('kept.txt');
    expect((await owner.post('/api/files/delete?downloads=all', { ids: [file.id] })).status).toBe(400);
    expect(await idsLeft(owner)).toEqual([file.id]);
  });

  it('asks before more than half of the files, and more than twenty, go', async () => {
    const owner = await newcomer();
    const ids = await files(owner, 41);
    const half = ids.slice(0, 21);
    const refused = await owner.post('/api/files/delete', { ids: half });
    expect([refused.status, refused.body]).toMatchObject([409, { error: 'Confirmation required', count: 21 }]);
    const guessed = await owner.post('/api/files/delete', { ids: half, confirm: 20 });
    expect([guessed.status, guessed.body.count]).toEqual([409, 21]);
    expect(await idsLeft(owner)).toHaveLength(41);
    expect((await owner.post('/api/files/delete', { ids: half.slice(1) })).body.deleted).toBe(20);
    expect((await owner.post('/api/files/delete', { ids: [ids[0], ...ids.slice(21)], confirm: 21 })).body.deleted).toBe(
      21,
    );
    expect(await idsLeft(owner)).toEqual([]);
  });

  it('deletes each once, however many ask at once', async () => {
    const owner = await newcomer();
    const ids = await files(owner, 10);
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => owner.post('/api/files/delete', { ids })),
      ...ids.map((id) => owner.delete(`/api/files/${id}`)),
    ]);
    const bulk = answers.slice(0, 5).map(({ body }) => body.deleted as number);
    const single = answers.slice(5).filter(({ status }) => status === 200).length;
    expect(bulk.reduce((sum, n) => sum + n, single)).toBe(10);
    const { receipts } = (await owner.get('/api/deletions')).body;
    expect(receipts.map(({ sequence }: any) => sequence)).toEqual([10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect((await owner.get('/api/user/limits')).body).toMatchObject({ currentFiles: 0, currentStorage: 0 });
  });

  it.each([
    ['accesses', 'Failed to delete file accesses'],
    ['files', 'Failed to delete file record'],
  ])('deletes the others where the database refuses the delete of %s of one', async (table, error) => {
    const owner = await newcomer();
    const stays = await share(owner, {}, { bytes: 'stays' });
    const ids = [...(await files(owner, 2)), stays.file.id, await owner.file('last.txt').then(({ id }) => id)];
    const lift = await drive.probe.plantFault(
      'DELETE',
      table,
      `${table === 'files' ? 'OLD.id' : 'OLD.fileId'} = ${stays.file.id}`,
    );
    const { status, body } = await owner.post('/api/files/delete', { ids });
    await lift();
    expect([status, body.deleted]).toEqual([200, 3]);
    expect(body.results[2]).toMatchObject({ id: stays.file.id, deleted: false, error });
    expect(await idsLeft(owner)).toEqual([stays.file.id]);
    expect(await drive.probe.rows('SELECT id FROM accesses WHERE fileId = ?', [stays.file.id])).toHaveLength(1);
    const { receipts } = (await owner.get('/api/deletions')).body;
    expect(receipts.map(({ sequence }: any) => sequence)).toEqual([3, 2, 1]);
    expect((await owner.get('/api/user/limits')).body).toMatchObject({ currentFiles: 1, currentStorage: 5 });
  });

  itOnDisk('says of which the bytes cannot be removed, and removes them once it can', async () => {
    const owner = await newcomer();
    const [first, stuck] = [await owner.file('first.txt'), await owner.file('stuck.txt')];
    const path = join(drive.config.dataDir, 'uploads', stuck.location);
    renameSync(path, `${path}.aside`);
    mkdirSync(path);
    const { body } = await owner.post('/api/files/delete', { ids: [first.id, stuck.id] });
    expect(body).toMatchObject({
      deleted: 1,
      results: [{ deleted: true }, { deleted: false, error: 'Failed to delete the physical file' }],
    });
    const receipt = async () => (await owner.get(`/api/deletions/${stuck.id}`)).body.receipt;
    expect((await receipt()).bytesGoneAt).toBeNull();
    rmdirSync(path);
    renameSync(`${path}.aside`, path);
    await expect.poll(async () => (await receipt()).bytesGoneAt).not.toBeNull();
  });

  it('takes five hundred at once', async () => {
    const owner = await newcomer();
    const ids = await files(owner, 500);
    const { body } = await owner.post('/api/files/delete', { ids, confirm: 500 });
    expect(body).toEqual({ deleted: 500, results: gone(ids) });
    await drive.removalsSettled();
    expect((await drive.blobs()).filter(({ key }) => key.startsWith(`${owner.username}/`))).toEqual([]);
  });
});
