import { expect } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { itOnDisk } from '../support/store.js';
import { TUS, tusNewcomer } from '../support/tus.js';

/** So many of a user are allowed. */
const MOST = 1000;
/** Clearing away takes its time for each. */
const ENDED = 100;

interface Listed {
  readonly id: string;
}

// Most of them are still unfinished at the end.
const drive = driveFixture({}, { checked: 'never' });

itOnDisk(
  'a thousand unfinished uploads delay no start, are all there after it, and go when their time is over',
  async () => {
    const { client, tus } = await tusNewcomer(drive);
    await drive.probe.run(`UPDATE users SET maxFiles = 5000 WHERE username = '${client.username}'`);
    for (let n = 0; n < MOST; n += 50) {
      const some = Array.from({ length: 50 }, (_, at) => tus.create(`${n + at}`, 10));
      expect((await Promise.all(some)).every(({ status }) => status === 201)).toBe(true);
    }
    expect(await tus.create('one more', 1)).toMatchObject({ status: 403, body: { code: 'upload_limit_exceeded' } });
    await drive.restart();
    Object.assign(client, { url: drive.url });
    const list = async () => (await client.get('/api/uploads')).body.uploads as Listed[];
    const uploads = await list();
    expect(uploads).toHaveLength(MOST);

    const [over, others] = [uploads.slice(0, ENDED), uploads.slice(ENDED)];
    const ids = over.map(({ id }) => `'${id}'`).join(', ');
    await drive.probe.run(`UPDATE uploads SET expiresAt = 0 WHERE id IN (${ids})`);
    const pending = () => drive.probe.rows("SELECT id FROM files WHERE state = 'pending'");
    await expect.poll(async () => (await pending()).length, { timeout: 60_000 }).toBe(MOST - ENDED);
    expect((await list()).map(({ id }) => id)).toEqual(others.map(({ id }) => id));
    const head = await client.request(`/api/uploads/${over[0]!.id}`, { method: 'HEAD', headers: TUS });
    expect(head.status).toBe(410);
  },
  120_000,
);
