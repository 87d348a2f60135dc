import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { sha256 } from '../support/drive.js';
import { testEngine } from '../support/probe.js';
import { findingsOf, seededDrive } from '../support/seeded-drive.js';

const drive = seededDrive(200);
const run = (...args: string[]) => admin(drive.config, args);
const upload = (key: string) => join(drive.config.dataDir, 'uploads', key);

interface Row {
  id: number;
  ownerId: number;
  storageKey: string;
  storageId: string;
  size: number;
}
const fileAt = async (offset: number): Promise<Row> =>
  (await drive.probe.rows<Row>(`SELECT * FROM files ORDER BY id LIMIT 1 OFFSET ${offset}`))[0]!;

async function withoutForeignKeys(work: () => Promise<unknown>): Promise<void> {
  const [off, on] =
    testEngine() === 'sqlite'
      ? ['PRAGMA foreign_keys = OFF', 'PRAGMA foreign_keys = ON']
      : ['SET foreign_key_checks = 0', 'SET foreign_key_checks = 1'];
  await drive.probe.run(off!);
  await work();
  await drive.probe.run(on!);
}

describe('storage check, repair and restore', () => {
  const expected: string[] = [];
  const healed: string[] = [];
  const unknown = { key: 'seed1/un known é.bin', bytes: 'bytes of nobody\0' };

  it('names every damage and nothing else', async () => {
    const [missing, longer, altered, moved] = await Promise.all([10, 20, 30, 40].map(fileAt));
    rmSync(upload(missing!.storageKey));
    appendFileSync(upload(longer!.storageKey), 'x');
    writeFileSync(upload(altered!.storageKey), Buffer.alloc(altered!.size));
    writeFileSync(upload(unknown.key), unknown.bytes);
    symlinkSync('/etc/passwd', upload('seed2/link.txt'));
    mkdirSync(upload('seed2/folder'));
    writeFileSync(upload('stray.txt'), 'x');
    writeFileSync(upload('.tmp/2000000000'), 'x');
    await drive.probe.run(`INSERT INTO blobRemovals
      (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, lastError, createdAt)
      VALUES (1, 'x', '${missing!.storageId}', 'seed1/stuck.txt', 3, ${Date.now() + 3_600_000}, 'EIO at unlink', 0)`);
    await drive.probe.run("UPDATE users SET usedFiles = usedFiles + 1 WHERE username = 'seed3'");
    await drive.probe.run("UPDATE users SET usedBytes = 0 WHERE username = 'seed4'");
    const accesses = await drive.probe.rows<{ id: number }>('SELECT id FROM accesses ORDER BY id LIMIT 3');
    const [lost, once, limited] = accesses.map(({ id }) => id);
    await withoutForeignKeys(() => drive.probe.run('UPDATE accesses SET fileId = 2000000000 WHERE id = ?', [lost!]));
    await drive.probe.run('UPDATE accesses SET oneTimeUse = 1, uses = 2 WHERE id = ?', [once!]);
    await drive.probe.run('UPDATE accesses SET enableTTL = 1, ttl = 5, uses = 6 WHERE id = ?', [limited!]);
    await drive.probe.run("UPDATE files SET storageId = 'elsewhere' WHERE id = ?", [moved!.id]);
    expected.push(
      `blob-missing ${missing!.storageKey}`,
      `blob-size ${longer!.storageKey}`,
      `storage-unknown ${moved!.storageKey}`,
      'entry-unknown seed2/link.txt',
      'entry-unknown seed2/folder',
      'entry-unknown stray.txt',
      `access-overused ${once}`,
      `access-overused ${limited}`,
      // The record says that these bytes are elsewhere, so here nobody claims them.
      `blob-unknown ${moved!.storageKey}`,
    );
    healed.push(
      `blob-unknown ${unknown.key}`,
      'temporary-file 2000000000',
      `removal-failing seed1/stuck.txt`,
      `access-orphaned ${lost}`,
      'usage-wrong seed3',
      'usage-wrong seed4',
    );
    const { code, json } = await run('storage', 'check', '--json');
    expect(findingsOf(json)).toEqual([...expected, ...healed].toSorted());
    expect(code).toBe(2);
    expect(json.at(-1)).toMatchObject({ type: 'verdict', clean: false, findings: expected.length + healed.length });

    const deep = await run('storage', 'check', '--deep', '--json');
    expect(findingsOf(deep.json)).toEqual([...expected, ...healed, `blob-hash ${altered!.storageKey}`].toSorted());
    // Made good, so that what is left is what the other tests expect.
    await drive.probe.run('UPDATE files SET storageId = ? WHERE id = ?', [moved!.storageId, moved!.id]);
    expected.splice(2, 1);
    expected.pop();
  }, 60_000);

  it('prints a table for people', async () => {
    const { code, out } = await run('storage', 'check');
    expect(code).toBe(2);
    expect(out).toMatch(/^FINDING +WHERE +WHAT\n/);
    expect(out).toMatch(/blob-missing +file \d+ · seed\d\/\S+ +live file without its bytes: no bytes, \d+ bytes/);
    expect(out).toMatch(/The drive is damaged: 13 findings\.\n$/);
  });

  it('repair only tells what it would do, and does not do it beside a server', async () => {
    const before = await drive.probe.rows('SELECT * FROM users');
    const { code, json } = await run('storage', 'repair', '--json');
    expect(code).toBe(2);
    const possible = json.filter(({ outcome }) => outcome === 'possible');
    expect(findingsOf(possible)).toEqual(healed.toSorted());
    expect(json.at(-1)).toMatchObject({ applied: false, possible: 6, left: 7, repaired: 0, failed: 0 });
    const refused = await run('storage', 'repair', '--apply');
    expect([refused.code, refused.out]).toEqual([1, '']);
    expect(refused.err).toMatch(/another process holds the data directory .*: stop the server first/);
    expect(await drive.probe.rows('SELECT * FROM users')).toEqual(before);
    expect(existsSync(upload(unknown.key))).toBe(true);
    expect(existsSync(join(drive.config.dataDir, 'quarantine'))).toBe(false);
  });

  it('repair heals what is provable, once the server is stopped; dead uploads too', async () => {
    await drive.app.close();
    const row = await fileAt(60);
    await drive.probe.run(`INSERT INTO files
      (ownerId, name, nameKey, foldedName, extension, state, storageId, storageKey, size, sha256, public, createdAt, updatedAt)
      VALUES (${row.ownerId}, 'd', 'd', 'd', '', 'pending', '${row.storageId}', 'seed1/dead.txt', 0, '', 0, 0, 0)`);
    const [dead] = await drive.probe.rows<{ id: number }>("SELECT id FROM files WHERE state = 'pending'");
    writeFileSync(upload(`.tmp/${dead!.id}`), 'half of it');
    const checked = await run('storage', 'check', '--json');
    expect(findingsOf(checked.json)).toEqual([...expected, ...healed, 'upload-dead seed1/dead.txt'].toSorted());

    const { code, json } = await run('storage', 'repair', '--apply', '--json');
    const repaired = json.filter(({ outcome }) => outcome === 'repaired');
    expect(findingsOf(repaired)).toEqual([...healed, 'upload-dead seed1/dead.txt'].toSorted());
    expect([code, json.at(-1)]).toEqual([
      2,
      expect.objectContaining({ applied: true, repaired: 7, left: 7, failed: 0 }),
    ]);
    expect(findingsOf((await run('storage', 'check', '--json')).json)).toEqual(expected.toSorted());
    expect(await drive.probe.rows("SELECT id FROM files WHERE state = 'pending'")).toEqual([]);
    expect(existsSync(upload(`.tmp/${dead!.id}`))).toBe(false);
    expect(existsSync(upload('seed2/folder'))).toBe(true);
  }, 60_000);

  it('restore brings the quarantined bytes back as a file, by the rules of an upload', async () => {
    const [blob] = (await run('storage', 'restore', '--json')).json;
    expect(blob!.path).toMatch(/^\d{4}-\d\d-\d\d\/seed1\/un known é\.bin$/);
    const inQuarantine = join(drive.config.dataDir, 'quarantine', blob!.path);
    expect(readFileSync(inQuarantine, 'utf8')).toBe(unknown.bytes);
    const restore = (...args: string[]) => run('storage', 'restore', blob!.path, ...args);
    expect((await restore()).err).toBe('error: --user says whose files they become\n');
    expect((await restore('--user', 'nobody')).err).toBe('error: User not found\n');
    expect((await restore('--user', 'seed2', '--name', '../x')).err).toMatch(/Invalid file name/);
    expect((await run('storage', 'restore', '../../etc/passwd', '--user', 'seed2')).code).toBe(1);
    expect(existsSync(inQuarantine)).toBe(true);

    const { code, json, err } = await restore('--user', 'seed2', '--name', 'found.bin', '--json');
    expect([code, err]).toEqual([0, '']);
    expect(json[0]).toMatchObject({ location: 'seed2/found.bin', sha256: sha256(unknown.bytes) });
    expect(readFileSync(upload('seed2/found.bin'), 'utf8')).toBe(unknown.bytes);
    expect(existsSync(inQuarantine)).toBe(false);
    expect(findingsOf((await run('storage', 'check', '--deep', '--json')).json)).toHaveLength(8);
  }, 60_000);
});
