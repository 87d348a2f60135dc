import type { Client } from './client.js';

/**
 * Does some work while files come and go beside it: each client uploads, and deletes some file that it had before, without
 * a pause.
 * @returns how many files came and went
 */
export async function underLoad(clients: readonly Client[], work: () => Promise<void>): Promise<number> {
  const end = new AbortController();
  let count = 0;
  const load = clients.map(async (client) => {
    const ids = await someFiles(client);
    for (let n = 0; !end.signal.aborted; n++) {
      const { id } = await client.file(`${crypto.randomUUID()}.txt`, `${n}`.repeat(100));
      ids.push(id);
      const [gone] = ids.splice(Math.floor(Math.random() * ids.length), 1);
      const { status, body } = await client.delete(`/api/files/${gone}`);
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

async function someFiles(client: Client): Promise<number[]> {
  const { body } = await client.get('/api/files?limit=200&sort=name');
  return body.files.map(({ id }: { id: number }) => id);
}
