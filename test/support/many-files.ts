import type { Probe } from './probe.js';

const DIGITS = `(${Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS n`).join(' UNION ALL ')})`;

/**
 * Makes a hundred thousand live files of a user, without bytes, straight in the database: `file 00042.txt` and so on. Many have
 * the same size, and some the same time.
 */
export async function seedHundredThousand(probe: Probe, username: string): Promise<void> {
  const tables = ['a', 'b', 'c', 'd', 'e'].map((name) => `${DIGITS} AS ${name}`);
  const number = 'a.n * 10000 + b.n * 1000 + c.n * 100 + d.n * 10 + e.n';
  const name = "CONCAT('file ', a.n, b.n, c.n, d.n, e.n, '.txt')";
  await probe.run(
    `INSERT INTO files (ownerId, name, nameKey, foldedName, extension, state, storageId, storageKey, size, sha256, public, createdAt, updatedAt)
     SELECT id, name, name, name, 'txt', 'live', 's', CONCAT(username, '/', name), number % 3, '', 0, 1764000000000 + number / 3, 0
     FROM (SELECT users.id, users.username, ${name} AS name, ${number} AS number FROM users JOIN ${tables.join(' JOIN ')}
       WHERE users.username = ?) AS numbered ORDER BY number`,
    [username],
  );
  const counts = 'COUNT(*) AS files, SUM(size) AS bytes';
  const [sums] = await probe.rows<{ id: number; files: number; bytes: number }>(
    `SELECT users.id, ${counts} FROM users JOIN files ON files.ownerId = users.id WHERE users.username = ? GROUP BY users.id`,
    [username],
  );
  const { id, files, bytes } = sums!;
  await probe.run('UPDATE users SET usedFiles = ?, usedBytes = ? WHERE id = ?', [files, bytes, id]);
}
