import type { Client } from './client.js';

/**
 * Does some work while files come and go beside it: each client uploads and deletes, over few names, without a pause.
 * @returns how many files came and went
 */
export async function underLoad(clients: readonly Client[], work: () => Promise<void>): Promise<number> {
  const end = new AbortController();
  let count = 0;
  const load = clients.map(async (client) => {
    for (let n = 0; !end.signal.aborted; n++) {
      const { id } = await client.file(`${n % 3}.txt`, `${n}`.repeat(100));
      const { status, body } = await client.delete(`/api/files/${id}`);
      if (status !== 200) throw new Error(`Delete: ${JSON.stringify(body)}`);
      count += 1;
    }
  });
  try {
    await Promise.race([work(), Promise.all(load)]);
  } finally {
    end.abort();
  }
  await Promise.all(load);
  return count;
}
