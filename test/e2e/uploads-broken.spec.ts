import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { SMALL_ROOM } from '../support/room.js';
import { idOf, TusClient, tusNewcomer } from '../support/tus.js';
import { until } from '../support/until.js';

const drive = driveFixture(SMALL_ROOM);

const newcomer = () => tusNewcomer(drive);

/** Resolves once so many bytes of an upload are on the disk, durable or not. */
async function taken(path: string): Promise<void> {
  const rows = await drive.probe.rows<{ fileId: number }>(`SELECT fileId FROM uploads WHERE id = '${idOf(path)}'`);
  await until(async () => (await drive.temporaryFiles()).includes(String(rows[0]!.fileId)));
}

describe('a line that breaks', () => {
  it('keeps what came, and it is durable', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 10);
    const raw = await tus.sending(path, 0, ['Content-Length: 10'], 'abcd');
    await taken(path);
    raw.destroy();
    await until(async () => (await tus.offset(path)) === 4);
    expect((await tus.append(path, 4, 'efghij')).headers.get('upload-offset')).toBe('10');
  });

  it('keeps nothing of a part with a checksum', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 10);
    const sum = 'Upload-Checksum: sha1 qZk+NkcGgWq6PiVxeFDCbJzQ2J0=';
    const raw = await tus.sending(path, 0, ['Content-Length: 5', sum], 'abcd');
    await taken(path);
    raw.destroy();
    expect(await tus.offset(path)).toBe(0);
    expect((await tus.append(path, 0, 'abcdefghij')).status).toBe(204);
  });

  it('is waited for, and one that has stalled makes way for its own client', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 10);
    const stalled = await tus.sending(path, 0, ['Content-Length: 10'], 'abcd');
    await taken(path);
    // The stalled one loses the upload; what it brought is there, so the newcomer learns where to go on.
    expect(await tus.append(path, 0, 'abcdefghij')).toMatchObject({ status: 409, body: { offset: 4 } });
    expect((await stalled.answer()).status).toBe(423);
    stalled.destroy();
    expect((await tus.append(path, 4, 'efghij')).status).toBe(204);
  }, 15_000);

  it('one that is alive is not disturbed: 423', async () => {
    const { tus } = await newcomer();
    const path = await tus.begin('a', 1000);
    const alive = await tus.sending(path, 0, ['Content-Length: 1000'], 'a');
    await taken(path);
    const trickle = setInterval(() => alive.socket.write('a'), 100);
    expect(await tus.append(path, 0, 'x')).toMatchObject({ status: 423, body: { code: 'upload_locked' } });
    clearInterval(trickle);
    expect((await tus.end(path)).status).toBe(204);
    alive.destroy();
  }, 15_000);
});

describe('another life of the server', () => {
  it('goes on where it was, without what nobody was told of, and knows the hash of all of it', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 9);
    await tus.append(path, 0, 'abc');
    await drive.restart();
    const again = new TusClient(Object.assign(client, { url: drive.url }));
    expect(await again.offset(path)).toBe(3);
    await again.append(path, 3, 'def');
    const { headers } = await again.append(path, 6, 'ghi');
    const { file } = (await client.get(headers.get('content-location')!)).body;
    expect(file.sha256).toBe(sha256('abcdefghi'));
  });

  it('touches no file when a finished upload ends or expires', async () => {
    const { client, tus } = await newcomer();
    const path = await tus.begin('a', 3);
    await tus.append(path, 0, 'abc');
    expect((await tus.end(path)).status).toBe(204);
    expect((await tus.look(path)).status).toBe(410);
    expect((await client.get('/api/files')).body.files).toMatchObject([{ name: 'a', sha256: sha256('abc') }]);
  });
});
