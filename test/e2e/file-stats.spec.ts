import { Usage } from '@app/accounts';
import { UnitOfWork } from '@app/database';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

let alice: Client;
const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const types = async (client: Client) => (await client.get('/api/files/stats')).body;
const rows = () => drive.probe.rows('SELECT extension, files, bytes FROM fileTypes ORDER BY extension');

describe('statistics', () => {
  it('are counted as files come and go, and of what is gone nothing stays', async () => {
    expect(await types(alice)).toEqual({ fileCount: 0, totalStorage: 0, fileTypes: [] });
    const [first, , , none] = [
      await alice.file('one.TXT', '1'),
      await alice.file('two.txt', '22'),
      await alice.file('only.secret-project', '333'),
      await alice.file('none', '4444'),
    ] as const;
    expect(await types(alice)).toEqual({
      fileCount: 4,
      totalStorage: 10,
      fileTypes: [
        { extension: 'no_extension', count: 1, totalSize: 4 },
        { extension: 'secret-project', count: 1, totalSize: 3 },
        { extension: 'txt', count: 2, totalSize: 3 },
      ],
    });
    await alice.delete(`/api/files/${first.id}`);
    const { files } = (await alice.get('/api/files?q=only')).body;
    expect((await alice.post('/api/files/delete', { ids: [files[0].id, none.id] })).body.deleted).toBe(2);
    expect(await rows()).toEqual([{ extension: 'txt', files: 1, bytes: 2 }]);
    expect(await drive.violations()).toEqual([]);
  });

  it('are those of all uploads at once, and go with the account', async () => {
    const bob = await drive.signUp('bob');
    const uploads = Array.from({ length: 40 }, (_, n) => bob.upload(`file ${n}.${n % 2 ? 'a' : 'b'}`, 'xy'));
    await Promise.all(uploads);
    expect((await types(bob)).fileTypes).toEqual([
      { extension: 'a', count: 20, totalSize: 40 },
      { extension: 'b', count: 20, totalSize: 40 },
    ]);
    expect(await drive.violations()).toEqual([]);
    expect(
      (await bob.request('/api/user', { method: 'DELETE', ...json({ password: 'correct horse battery' }) })).status,
    ).toBe(200);
    expect((await rows()).map(({ extension }) => extension)).toEqual(['txt']);
  });

  it('list the thousand largest types of those who have more', async () => {
    const carol = await drive.signUp('carol');
    const [user] = await drive.probe.rows<{ id: number }>("SELECT id FROM users WHERE username = 'carol'");
    for (let from = 0; from < 1_500; from += 500) {
      const values = Array.from({ length: 500 }, (_, n) => [user!.id, `x${from + n}`, 1, from + n]);
      await drive.probe.run(
        `INSERT INTO fileTypes (ownerId, extension, files, bytes) VALUES ${values.map(() => '(?, ?, ?, ?)').join(', ')}`,
        values.flat(),
      );
    }
    await drive.probe.run('UPDATE users SET usedFiles = 1500, usedBytes = 1124250 WHERE id = ?', [user!.id]);
    const { fileCount, totalStorage, fileTypes } = await types(carol);
    expect([fileCount, totalStorage, fileTypes.length]).toEqual([1_500, 1_124_250, 1_000]);
    expect([fileTypes[0], fileTypes.at(-1)]).toEqual([
      { extension: 'x1499', count: 1, totalSize: 1_499 },
      { extension: 'x500', count: 1, totalSize: 500 },
    ]);
    await drive.probe.run('DELETE FROM fileTypes WHERE ownerId = ?', [user!.id]);
    await drive.probe.run('UPDATE users SET usedFiles = 0, usedBytes = 0 WHERE id = ?', [user!.id]);
  });

  it.each([
    ['a count', "UPDATE fileTypes SET files = files + 1 WHERE extension = 'txt'"],
    ['a size', "UPDATE fileTypes SET bytes = bytes - 1 WHERE extension = 'txt'"],
    ['one that is missing', "DELETE FROM fileTypes WHERE extension = 'txt'"],
    [
      'one too many',
      "INSERT INTO fileTypes (ownerId, extension, files, bytes) SELECT id, 'zip', 2, 2 FROM users WHERE username = 'alice'",
    ],
  ])('that are wrong by %s are found by the check, and counted anew by the repair', async (_, damage) => {
    const [{ id }] = (await drive.probe.rows("SELECT id FROM users WHERE username = 'alice'")) as [{ id: number }];
    const usage = drive.app.get(Usage, { strict: false });
    expect((await usage.tally(id))?.miscounted).toBe(false);
    await drive.probe.run(damage);
    expect(await drive.violations()).toEqual([expect.stringMatching(/^count of files by extension of user/)]);
    expect((await usage.tallies(0, 50)).filter(({ miscounted }) => miscounted).map(({ username }) => username)).toEqual(
      ['alice'],
    );
    await drive.app.get(UnitOfWork, { strict: false }).run((unit) => usage.recount(unit, id));
    expect((await usage.tally(id))?.miscounted).toBe(false);
    expect(await drive.violations()).toEqual([]);
  });
});

function json(body: object): RequestInit {
  return { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
