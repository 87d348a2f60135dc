import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Drive, sha256 } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { MariaDb } from '../support/mariadb.js';
import { openProbe } from '../support/probe.js';
import { findViolations } from '../support/violations.js';

const DEATHS = 20;
const CLIENTS = 4;
/** Milliseconds after the server's return within which everything must work again. */
const RECOVERY_MS = 5_000;

describeWith('mariadb', 'a drive whose MariaDB dies again and again', () => {
  let server: MariaDb;
  let drive: Drive;
  let users: Client[];
  /** By id: the bytes of acknowledged uploads whose delete nobody tried. */
  const kept = new Map<number, string>();
  const deleted = new Set<number>();
  const statuses = new Map<string, number>();

  beforeAll(async () => {
    server = await MariaDb.start();
    drive = await Drive.start({ DATABASE_URL: await server.createDatabase(), UPLOADS_IN_FLIGHT: '16' });
    users = await Promise.all(Array.from({ length: CLIENTS }, (_, index) => drive.signUp(`user-${index}`)));
  });
  afterAll(async () => {
    await drive.destroy();
    await server.stop();
  });

  const count = (what: string, status: number) =>
    void statuses.set(`${what} ${status}`, (statuses.get(`${what} ${status}`) ?? 0) + 1);

  /** Uploads and deletes until told to stop; every second file stays. */
  const work = async (user: Client, signal: AbortSignal, round: number) => {
    for (let n = 0; !signal.aborted; n++) {
      const name = `${round}-${n}.txt`;
      const bytes = `${user.username} ${name}`;
      const upload = await user.upload(name, bytes);
      count('upload', upload.status);
      if (upload.status !== 200) {
        await delay(5);
        continue;
      }
      const { id } = upload.body.file as { id: number };
      kept.set(id, bytes);
      if (n % 2 === 0) continue;
      kept.delete(id);
      const { status, body } = await user.delete(`/api/files/${id}`);
      count('delete', status);
      // 500: the database died after COMMIT, so the bytes will follow.
      if (status === 500) expect(body.error).toBe('Failed to delete the physical file');
      if (status === 200 || status === 500) deleted.add(id);
    }
  };

  it(`tells the truth after ${DEATHS} deaths, without a start of its own`, { timeout: 180_000 }, async () => {
    for (let round = 0; round < DEATHS; round++) {
      const stop = new AbortController();
      const works = users.map((user) => work(user, stop.signal, round));
      await delay(30 + Math.random() * 120);
      await server.kill();
      await delay(30);
      await server.restart();
      const back = Date.now();
      const uploads = users.map((user, index) => user.upload(`back-${round}-${index}`));
      for (const { status } of await Promise.all(uploads)) expect(status).toBe(200);
      expect(Date.now() - back).toBeLessThan(RECOVERY_MS);
      stop.abort();
      await Promise.all(works);
    }
    const probe = await openProbe(drive.config);
    await expect.poll(() => findViolations(probe, drive.config.dataDir)).toEqual([]);
    await expect.poll(() => probe.rows('SELECT id FROM blobRemovals')).toEqual([]);
    const rows = await probe.rows<{ id: number; sha256: string }>('SELECT id, sha256 FROM files');
    const found = new Map(rows.map((row) => [row.id, row.sha256]));
    for (const [id, bytes] of kept) expect(found.get(id)).toBe(sha256(bytes));
    for (const id of deleted) expect(found.has(id)).toBe(false);
    await probe.close();
    const answers = [...statuses.keys()].toSorted();
    expect(answers.filter((answer) => !/ (200|503)$|delete 500/.test(answer))).toEqual([]);
    expect(answers).toContain('upload 503');
  });
});
