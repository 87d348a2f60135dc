import { describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { receiptOf, remove } from '../support/receipts.js';
import { share } from '../support/sharing.js';

const drive = driveFixture();

const newcomer = () => drive.newcomer();

describe('before and during a delete', () => {
  it('its owner sees what it would take', async () => {
    const owner = await newcomer();
    const { file, link } = await share(owner);
    await owner.post(`/api/files/${file.id}/accesses`, { public: false });
    await owner.post(`/api/files/${file.id}/accesses`, { public: true, subnets: ['192.0.2.0/24'] });
    const spent = await owner.post(`/api/files/${file.id}/accesses`, { public: true, oneTimeUse: true });
    const path = `/api/files/${file.id}/deletion`;
    expect((await owner.get(path)).body.accesses).toEqual({ count: 4, open: 3, lastUsedAt: null });
    await drive.anonymous().fetch(new URL(link).pathname);
    await drive.anonymous().fetch(new URL(spent.body.link).pathname);
    const { body } = await owner.get(path);
    expect(body).toMatchObject({
      file: { id: file.id, name: file.name },
      accesses: { count: 4, open: 2 },
      downloads: 0,
    });
    expect(Date.now() - Date.parse(body.accesses.lastUsedAt)).toBeLessThan(60_000);
    await owner.put(`/api/files/${file.id}/access`, { public: false });
    expect((await owner.get(path)).body.accesses.open).toBe(0);
    expect((await drive.anonymous().get(path)).status).toBe(401);
    expect((await (await newcomer()).get(path)).status).toBe(403);
    expect((await owner.get('/api/files/2147483647/deletion')).status).toBe(404);
    expect((await owner.get('/api/files/x/deletion')).status).toBe(400);
  });

  const begin = async (client: Client, path: string) => {
    const response = await client.fetch(path);
    const reader = response.body!.getReader();
    let received = (await reader.read()).value!.length;
    /** All of the bytes, or how many came before the end was cut. */
    const rest = async () => {
      try {
        for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) received += chunk.value.length;
        return received;
      } catch {
        return 'cut';
      }
    };
    return rest;
  };

  it('downloads are counted and run to their end, or are cut and counted in the receipt', async () => {
    const owner = await newcomer();
    const bytes = Buffer.alloc(30_000_000, 'x');
    const [runs, cut] = [await owner.file('runs.bin', bytes), await owner.file('cut.bin', bytes)];
    await owner.put(`/api/files/${cut.id}/access`, { public: true });
    const { link } = (await owner.post(`/api/files/${cut.id}/accesses`, { public: true })).body;
    const [first, second, third] = [
      await begin(owner, `/api/files/${runs.id}/content`),
      await begin(owner, `/api/files/${cut.id}/content`),
      await begin(drive.anonymous(), new URL(link).pathname),
    ];
    expect((await owner.get(`/api/files/${cut.id}/deletion`)).body.downloads).toBe(2);
    const refused = await owner.delete(`/api/files/${cut.id}?downloads=stop`);
    expect([refused.status, refused.body.error]).toEqual([400, 'downloads must be "end"']);
    await remove(owner, runs.id);
    await remove(owner, cut.id, '?downloads=end');
    expect(await Promise.all([first(), second(), third()])).toEqual([bytes.length, 'cut', 'cut']);
    expect((await receiptOf(owner, runs.id)).downloadsEnded).toBe(0);
    expect((await receiptOf(owner, cut.id)).downloadsEnded).toBe(2);
  });
});
