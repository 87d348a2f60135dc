import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { admin, type Outcome } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';

const drive = driveFixture();

const run = (...args: string[]) => admin(drive.config, args);
const told = ({ code, err }: Outcome) => [code, err.trim()];

describe('files', () => {
  it('list shows them; delete removes records at once and bytes by the server', async () => {
    const client = await drive.signUp('niaj');
    const [a, b] = [await client.file('a.txt'), await client.file('b.txt')];
    const { json } = await run('files', 'list', '--user', 'niaj', '--json');
    expect(json.map(({ id, location }) => [id, location])).toEqual([
      [a.id, 'niaj/a.txt'],
      [b.id, 'niaj/b.txt'],
    ]);
    expect((await run('files', 'list', '--user', 'niaj')).out).toMatch(/a\.txt +14 B +no/);
    const { code, out, err } = await run('files', 'delete', String(a.id), '2147483647');
    expect([code, out, err]).toEqual([
      1,
      `File ${a.id} deleted: niaj/a.txt\n`,
      'error: file 2147483647: File not found\n',
    ]);
    expect((await client.get(`/api/files/${a.id}`)).status).toBe(404);
    await drive.removalsSettled();
    expect(existsSync(join(drive.config.dataDir, 'uploads/niaj/a.txt'))).toBe(false);
  });

  it('delete judges all ids before it deletes any', async () => {
    const { id } = await (await drive.signUp('olivia')).file('a.txt');
    expect(told(await run('files', 'delete', String(id), '1e3'))).toEqual([1, 'error: Invalid file ID']);
    expect(await drive.probe.rows('SELECT id FROM files WHERE id = ?', [id])).toHaveLength(1);
  });
});
