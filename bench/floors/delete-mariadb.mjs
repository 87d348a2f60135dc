// Floor of the delete's transaction on MariaDB: the same statements by the raw driver. A module for `Remote`.
import { createPool } from 'mysql2/promise';
import { answerCalls } from '../support/remote.mjs';
import { STATEMENTS, valuesOf } from './delete-statements.mjs';

let pool;

function open({ databaseUrl }) {
  pool = createPool({ uri: databaseUrl, connectionLimit: 20 });
  pool.pool.on('connection', (connection) => {
    connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
  });
}

async function remove(id) {
  const connection = await pool.getConnection();
  const change = async (name, values) => (await connection.query(STATEMENTS[name], values))[0].affectedRows;
  try {
    await connection.query('START TRANSACTION');
    const [[found]] = await connection.query(`${STATEMENTS.find} FOR UPDATE`, [id]);
    if (!found) throw new Error('The file is not there');
    const accesses = await change('removeAccesses', [id]);
    await change('removeFile', [id, found.ownerId]);
    const values = valuesOf(found, accesses);
    await change('release', values.release);
    if ((await change('discount', values.discount)) === 0) await change('lastOfType', values.lastOfType);
    await change('insertReceipt', values.receipt);
    await change('insertRemoval', values.removal);
    await connection.query('COMMIT');
  } finally {
    connection.release();
  }
}

/** Deletes the records of each queue in turn, the queues side by side. @returns deletes per second */
async function run(queues) {
  const began = performance.now();
  await Promise.all(
    queues.map(async (queue) => {
      for (const id of queue) await remove(id);
    }),
  );
  return (queues.flat().length * 1000) / (performance.now() - began);
}

answerCalls({ open, run });
