import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { TusClient } from '../support/tus.js';

const drive = driveFixture({}, { checked: 'soon' });

const run = (...args: string[]) => admin(drive.config, args);
const idOf = (path: string) => path.split('/').at(-1)!;

describe('uploads list and end', () => {
  it('lists the unfinished ones of everybody, the oldest first, and not what has become a file or has ended', async () => {
    expect((await run('uploads', 'list')).out).toBe('No unfinished uploads\n');
    expect((await run('uploads', 'list', '--json')).json).toEqual([]);
    const [alice, bob] = [new TusClient(await drive.signUp('alice')), new TusClient(await drive.signUp('bob'))];
    const paths = [await alice.begin('ä.txt', 3000), await bob.begin('b.txt', 6)];
    await alice.append(paths[0]!, 0, 'x'.repeat(1000));
    await bob.append(await bob.begin('whole.txt', 3), 0, 'abc');
    await bob.end(await bob.begin('ended.txt', 3));
    const { code, out } = await run('uploads', 'list');
    expect(code).toBe(0);
    expect(out).toMatch(/^ID +USER +NAME +HERE +OF +EXPIRES\n/);
    expect(out).toMatch(new RegExp(`^${idOf(paths[0]!)} +alice +ä.txt +1000 B +2.93 KiB +2`, 'm'));
    const { json } = await run('uploads', 'list', '--json');
    const expiresAt = expect.stringMatching(/^2.*Z$/);
    expect(json).toEqual([
      { id: idOf(paths[0]!), username: 'alice', name: 'ä.txt', offset: 1000, length: 3000, expiresAt },
      { id: idOf(paths[1]!), username: 'bob', name: 'b.txt', offset: 0, length: 6, expiresAt },
    ]);
    await bob.end(paths[1]!);
    await alice.end(paths[0]!);
  });

  it('ends one at once for its client; what it left, its name and its room follow within seconds', async () => {
    const carol = await drive.signUp('carol');
    const tus = new TusClient(carol);
    const path = await tus.begin('a.txt', 3000);
    await tus.append(path, 0, 'abc');
    const [before] = (await drive.temporaryFiles()).slice(-1);
    expect(await run('uploads', 'end', idOf(path))).toMatchObject({ code: 0, out: `Upload ${idOf(path)} ended\n` });
    expect((await tus.append(path, 3, 'def')).status).toBe(410);
    await expect.poll(() => drive.temporaryFiles()).not.toContain(before);
    const room = async () => (await carol.get('/api/user/limits')).body;
    await expect.poll(room).toMatchObject({ remainingFiles: 1000, currentStorage: 0 });
    expect((await carol.upload('a.txt', 'again')).status).toBe(200);
    expect((await tus.look(path)).status).toBe(410);
  }, 60_000);

  it('says of each that is none, and ends the others', async () => {
    const dave = new TusClient(await drive.signUp('dave'));
    const path = await dave.begin('a.txt', 3);
    const { code, out, err } = await run('uploads', 'end', '0'.repeat(32), idOf(path), '--json');
    expect([code, JSON.parse(out)]).toEqual([1, { id: idOf(path), ended: true }]);
    expect(err).toBe(`error: upload ${'0'.repeat(32)}: Upload not found\n`);
    expect((await dave.look(path)).status).toBe(410);
  });

  it('ends one while no server runs: the next start removes what it left, and the check says so before', async () => {
    const erin = new TusClient(await drive.signUp('erin'));
    const path = await erin.begin('a.txt', 30);
    await erin.append(path, 0, 'abc');
    const { fileId } = (
      await drive.probe.rows<{ fileId: number }>('SELECT fileId FROM uploads WHERE id = ?', [idOf(path)])
    )[0]!;
    await drive.app.close();
    expect((await run('uploads', 'end', idOf(path))).code).toBe(0);
    expect(await drive.temporaryFiles()).toContain(String(fileId));
    await drive.restart();
    await expect.poll(() => drive.temporaryFiles()).not.toContain(String(fileId));
    expect((await run('storage', 'check')).code).toBe(0);
    expect(await drive.probe.rows('SELECT id FROM files WHERE id = ?', [fileId])).toEqual([]);
  }, 60_000);
});
