// Records made straight in the database, where making them over HTTP would take hours.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { importBuilt } from './built.mjs';

const { SqliteDatabase } = await importBuilt('libs/data-directory/src/sqlite-driver.js');

/** What each seeded file holds. */
const SEEDED = Buffer.alloc(1024, 'defdrive');
const SEEDED_HASH = createHash('sha256').update(SEEDED).digest('hex');

const SQLITE = {
  numbers: (from, to) =>
    `(WITH RECURSIVE s(seq) AS (SELECT ${from} UNION ALL SELECT seq + 1 FROM s WHERE seq < ${to}) SELECT seq FROM s)`,
  name: "printf('file-%07d.txt', seq)",
  hash: (text) => `sha256(${text})`,
};
const MARIADB = {
  numbers: (from, to) => `seq_${from}_to_${to}`,
  name: "CONCAT('file-', LPAD(seq, 7, '0'), '.txt')",
  hash: (text) => `SHA2(${text}, 256)`,
};

/** A way into a drive's database, beside the drive. @param place a file of SQLite, or the URL of a MariaDB */
export async function openSeeder(place) {
  if (place.startsWith('mysql:')) {
    const connection = await createConnection(place);
    return {
      dialect: MARIADB,
      change: async (sql, ...parameters) => void (await connection.query(sql, parameters)),
      rows: async (sql, ...parameters) => (await connection.query(sql, parameters))[0],
      close: () => connection.end(),
    };
  }
  const database = new SqliteDatabase(place, { timeout: 10_000 });
  database.pragma('synchronous = OFF');
  database.function('sha256', (text) => createHash('sha256').update(text).digest('hex'));
  return {
    dialect: SQLITE,
    change: async (sql, ...parameters) => void database.prepare(sql).run(...parameters),
    rows: async (sql, ...parameters) => database.prepare(sql).all(...parameters),
    close: async () => void (database.pragma('wal_checkpoint(TRUNCATE)'), database.close()),
  };
}

/**
 * Makes live files of one owner, numbered from `from`, each with so many accesses; without their bytes.
 * @returns the ids, the oldest first
 */
export async function seedFiles(seeder, { owner, storageId, from = 1, count, accesses = 0 }) {
  const { numbers, name, hash } = seeder.dialect;
  const [{ last }] = await seeder.rows('SELECT COALESCE(MAX(id), 0) AS last FROM files');
  await seeder.change(
    `INSERT INTO files (ownerId, name, nameKey, foldedName, extension, state, storageId, storageKey, size, sha256, public, createdAt, updatedAt)
     SELECT ${owner.id}, name, ${hash('name')}, name, 'txt', 'live', '${storageId}', CONCAT('${owner.username}/', name),
       ${SEEDED.length}, '${SEEDED_HASH}', 1, 1764000000000 + seq, 1764000000000 + seq
     FROM (SELECT seq, ${name} AS name FROM ${numbers(from, from + count - 1)} AS numbers) AS names ORDER BY seq`,
  );
  if (accesses > 0) {
    await seeder.change(
      `INSERT INTO accesses (fileId, ownerId, name, link, subnets, ips, public, oneTimeUse, enableTTL, uses, refusals, createdAt)
       SELECT f.id, f.ownerId, '', SUBSTR(${hash("CONCAT(f.id, '-', seq)")}, 1, 32), '[]', '[]', 1, 0, 0, 0, '{}', f.createdAt
       FROM files f CROSS JOIN ${numbers(1, accesses)} AS numbers WHERE f.id > ${last}`,
    );
  }
  const change = 'UPDATE users SET usedFiles = usedFiles + ?, usedBytes = usedBytes + ? WHERE id = ?';
  await seeder.change(change, count, count * SEEDED.length, owner.id);
  await countTypes(seeder, owner);
  const files = await seeder.rows('SELECT id FROM files WHERE id > ? ORDER BY id', last);
  return files.map(({ id }) => id);
}

/** Programs before this one counted no files by their extensions. */
async function countTypes(seeder, { id }) {
  const counted = await seeder.rows("SELECT 1 FROM migrations WHERE name LIKE 'FileTypes%'");
  if (counted.length === 0) return;
  await seeder.change('DELETE FROM fileTypes WHERE ownerId = ?', id);
  await seeder.change(
    `INSERT INTO fileTypes (ownerId, extension, files, bytes)
     SELECT ownerId, extension, COUNT(*), SUM(size) FROM files WHERE ownerId = ? AND state = 'live' GROUP BY ownerId, extension`,
    id,
  );
}

/** Makes the users of a database that no drive has ever served. */
export async function seedOwners(seeder, usernames) {
  for (const username of usernames) {
    await seeder.change(
      `INSERT INTO users (username, name, email, passwordHash, role, disabled, maxFiles, maxStorage, usedFiles, usedBytes, createdAt)
       VALUES (?, '', '', '', 'user', 0, 1000000000, 1000000000000, 0, 0, 0)`,
      username,
    );
  }
  return seeder.rows('SELECT id, username FROM users ORDER BY id');
}

/** Writes the bytes of seeded files, and all of it to the disk, so that no write of ours disturbs a measurement. */
export function writeBlobs(uploads, { owner, from = 1, count }) {
  const folder = join(uploads, owner.username);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let number = from; number < from + count; number += 1) {
    writeFileSync(join(folder, `file-${String(number).padStart(7, '0')}.txt`), SEEDED, { mode: 0o600 });
  }
  syncDisk(folder);
}

export function syncDisk(path) {
  spawnSync('sync', ['-f', path]);
}
