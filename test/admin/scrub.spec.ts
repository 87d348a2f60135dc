import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { Drive } from '../support/drive.js';

const SECRET = 'the-name-of-what-was-deleted';

let drive: Drive;
beforeEach(async () => void (drive = await Drive.start()));
afterEach(() => drive.destroy());

/** Whether the name stands anywhere in what SQLite keeps. */
function holdsName(): boolean {
  return ['defdrive.sqlite', 'defdrive.sqlite-wal']
    .map((name) => join(drive.config.dataDir, name))
    .some((path) => existsSync(path) && readFileSync(path).includes(SECRET));
}

it('database scrub takes out of the database what deletes have left in it, and nothing else', async () => {
  if (drive.config.databaseUrl) {
    const { code, err } = await admin(drive.config, ['database', 'scrub']);
    expect([code, err]).toEqual([1, expect.stringContaining('SQLite only')]);
    return;
  }
  const alice = await drive.signUp('alice');
  const kept = await alice.file('kept.txt', 'kept');
  for (let n = 0; n < 20; n += 1) {
    const { id } = await alice.file(`${SECRET} ${n}.txt`);
    await alice.delete(`/api/files/${id}`);
  }
  await drive.removalsSettled();
  const refused = await admin(drive.config, ['database', 'scrub']);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining('stop the server first')]);
  await drive.close();
  expect(holdsName()).toBe(true);
  const { code, json } = await admin(drive.config, ['database', 'scrub', '--json']);
  expect([code, json[0]]).toEqual([0, { before: expect.any(Number), after: expect.any(Number) }]);
  expect(holdsName()).toBe(false);
  drive = await Drive.start({ DATA_DIR: drive.config.dataDir });
  const again = await drive.anonymous().logIn('alice');
  expect((await again.get(`/api/files/${kept.id}`)).body.file.name).toBe('kept.txt');
  expect((await again.get('/api/deletions')).body.receipts).toHaveLength(20);
  expect(await drive.violations()).toEqual([]);
});
