import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { requireQuickBeside } from '../support/latency.js';
import { seedHundredThousand } from '../support/many-files.js';
import { openProbe, type Probe } from '../support/probe.js';
import { Server } from '../support/server.js';

let server: Server;
let probe: Probe;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  server = await Server.start(await Server.environment());
  alice = await server.client.signUp('alice');
  bob = await server.client.signUp('bob');
  probe = await openProbe(server.config);
  await seedHundredThousand(probe, 'alice');
});
afterAll(async () => {
  await probe.close();
  await server.kill();
  rmSync(dirname(server.config.dataDir), { recursive: true });
});

const together = (paths: readonly string[]) => Promise.all(paths.map((path) => alice.get(path)));
const names = ({ body }: { body: Record<string, any> }): string[] => body.files.map(({ name }: any) => name);

describe('of a hundred thousand files', () => {
  it.each([
    ['a search that finds nothing', Array<string>(6).fill('/api/files?q=nowhere')],
    ['a search that counts', Array<string>(6).fill('/api/files?q=nowhere&position=0&sort=size')],
    ['statistics', Array<string>(20).fill('/api/files/stats')],
    ['a jump to their end', Array<string>(10).fill('/api/files?position=99990&sort=-size')],
  ])('%s, many at once, keeps nobody else waiting', async (_, paths) => {
    await requireQuickBeside(bob, async () => {
      for (const { status } of await together(paths)) expect(status).toBe(200);
    });
  });

  it.each(['createdAt', '-createdAt', 'name', '-name', 'size', '-size'])(
    'each that is looked for is found, once and in the order by %s',
    async (sort) => {
      // 1,000 of them, all over the list.
      const path = `/api/files?q=77.TXT&limit=200&sort=${sort}`;
      const found: string[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const page = await alice.get(`${path}${cursor && `&cursor=${cursor}`}`);
        found.push(...names(page));
        cursor = page.body.nextCursor;
      }
      expect(found).toHaveLength(1_000);
      expect(new Set(found).size).toBe(1_000);
      expect(found.every((name) => name.endsWith('77.txt'))).toBe(true);
      if (!sort.endsWith('size'))
        expect(found).toEqual(sort.startsWith('-') ? found.toSorted().toReversed() : found.toSorted());
      const jump = await alice.get(`${path}&position=930`);
      expect([jump.body.total, names(jump), jump.body.nextCursor]).toEqual([1_000, found.slice(930), null]);
      const last = await alice.get(`/api/files?sort=${sort}&position=99998`);
      expect([last.body.total, last.body.files.length]).toEqual([100_000, 2]);
    },
  );

  it('two are looked through at once for a user; the others have their turn, or are told to come again', async () => {
    const answers = await together(Array<string>(24).fill('/api/files?q=nowhere'));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThanOrEqual(6);
    expect(refused.length).toBeLessThan(24);
    for (const { status, headers, body } of refused) {
      expect([status, headers.get('retry-after'), body.code]).toEqual([503, '5', 'unavailable']);
    }
    expect(names(await alice.get('/api/files?q=00042'))).toEqual(['file 00042.txt']);
  });

  it('a search whose client has gone ends, and gives its turn to the next', async () => {
    const leaving = new AbortController();
    const left = Array.from({ length: 18 }, () =>
      alice.fetch('/api/files?q=nowhere', { signal: leaving.signal }).catch(() => undefined),
    );
    const began = performance.now();
    await alice.get('/api/user/limits');
    leaving.abort();
    await Promise.all(left);
    while ((await alice.get('/api/files?q=00042')).status !== 200)
      expect(performance.now() - began).toBeLessThan(10_000);
  });
});
