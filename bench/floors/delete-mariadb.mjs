// Floor of the delete's transaction on MariaDB: the same statements by the raw driver. A module for `Remote`.
import { createPool } from 'mysql2/promise';
import { answerCalls } from '../support/remote.mjs';

const REMOVAL = `
  INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, lastError, createdAt)
  VALUES (?, ?, ?, ?, 0, ?, NULL, ?)`;

let pool;

function open({ databaseUrl }) {
  pool = createPool({ uri: databaseUrl, connectionLimit: 20 });
  pool.pool.on('connection', (connection) => {
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
}

async function remove({ id, ownerId, nameKey, storageId, storageKey, size }) {
  const connection = await pool.getConnection();
  try {
    await connection.query('START TRANSACTION');
    await connection.query('SELECT id FROM users WHERE id = ? FOR UPDATE', [ownerId]);
    const live = "SELECT id FROM files WHERE id = ? AND ownerId = ? AND state = 'live' FOR UPDATE";
    const [[found]] = await connection.query(live, [id, ownerId]);
    if (!found) throw new Error('The file is not there');
    await connection.query('DELETE FROM accesses WHERE fileId = ?', [id]);
    await connection.query("DELETE FROM files WHERE id = ? AND ownerId = ? AND state = 'live'", [id, ownerId]);
    const usage = 'UPDATE users SET usedFiles = usedFiles - 1, usedBytes = usedBytes - ? WHERE id = ?';
    await connection.query(usage, [size, ownerId]);
    const now = Date.now();
    await connection.query(REMOVAL, [ownerId, nameKey, storageId, storageKey, now + 1000, now]);
    await connection.query('COMMIT');
  } finally {
    connection.release();
  }
}

/** Deletes the records of each queue in turn, the queues side by side. @returns deletes per second */
async function run(queues) {
  const records = await Promise.all(queues.map(recordsOf));
  const began = performance.now();
  await Promise.all(
    records.map(async (queue) => {
      for (const file of queue) await remove(file);
    }),
  );
  return (queues.flat().length * 1000) / (performance.now() - began);
}

async function recordsOf(ids) {
  const [rows] = await pool.query(`SELECT * FROM files WHERE id IN (${ids.join(', ')})`);
  return rows;
}

answerCalls({ open, run });
