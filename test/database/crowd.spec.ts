import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { MariaDb } from '../support/mariadb.js';

const CLIENTS = 16;
/** Fewer than clients: they are in each other's way. */
const ACCOUNTS = 4;
const SECONDS = 8;

describeWith('mariadb', 'a crowd on MariaDB', () => {
  let server: MariaDb;
  afterAll(() => server?.stop());
  const drive = driveFixture(async () => {
    server = await MariaDb.start();
    return {
      DATABASE_URL: await server.createDatabase(),
      DEFAULT_MAX_FILES: '25',
      LINK_LIMIT: '1000000/1m',
    };
  });
  let accounts: Client[];
  const answers = new Map<string, number>();
  /** Ids of files, by account, that anybody of the crowd may take. */
  const files: number[][] = Array.from({ length: ACCOUNTS }, () => []);

  beforeAll(async () => {
    accounts = await Promise.all(Array.from({ length: ACCOUNTS }, (_, index) => drive.signUp(`user-${index}`)));
  });

  const any = <Item>(items: Item[]): Item | undefined => items[Math.floor(Math.random() * items.length)];

  /** One of the things that clients do, at random, to a file that others may be deleting. */
  const act = async (account: number, number: number): Promise<[string, number]> => {
    const [client, own] = [accounts[account]!, files[account]!];
    const id = any(own);
    const what = id === undefined ? 'upload' : any(['upload', 'share', 'share', 'publish', 'delete', 'delete', 'list']);
    if (what === 'upload') {
      const { status, body } = await client.upload(`file-${number}`, 'x'.repeat(number % 100));
      if (status === 200) own.push(body.file.id);
      return [what, status];
    }
    if (what === 'share') return ['share', await share(client, id!)];
    if (what === 'publish') return [what, (await client.put(`/api/files/${id}/access`, { public: true })).status];
    if (what === 'list') return [what, (await client.get('/api/files')).status];
    const { status } = await client.delete(`/api/files/${id}`);
    if (status === 200) own.splice(own.indexOf(id!), 1);
    return ['delete', status];
  };

  const share = async (client: Client, id: number): Promise<number> => {
    const { status, body } = await client.post(`/api/files/${id}/accesses`, { public: true, enableTTL: true, ttl: 3 });
    if (status !== 200) return status;
    const used = await Promise.all([1, 2].map(() => client.fetch(new URL(body.link).pathname)));
    for (const answer of used) answers.set(`link ${answer.status}`, (answers.get(`link ${answer.status}`) ?? 0) + 1);
    await Promise.all(used.map((answer) => answer.arrayBuffer()));
    return status;
  };

  it('gets no 5xx, and leaves exact counters', { timeout: 120_000 }, async () => {
    const end = Date.now() + SECONDS * 1000;
    const crowd = Array.from({ length: CLIENTS }, async (_, client) => {
      for (let n = 0; Date.now() < end; n++) {
        const [what, status] = await act(client % ACCOUNTS, n * CLIENTS + client);
        answers.set(`${what} ${status}`, (answers.get(`${what} ${status}`) ?? 0) + 1);
      }
    });
    await Promise.all(crowd);
    const known = /^upload (200|403)$|^(share|publish|delete) (200|404)$|^list 200$|^link (200|403|404)$/;
    expect([...answers].filter(([answer]) => !known.test(answer))).toEqual([]);
    for (const answer of ['upload 200', 'delete 200', 'share 200', 'publish 200', 'link 200'])
      expect(answers.get(answer), answer).toBeGreaterThan(20);
    expect(await drive.violations()).toEqual([]);
    expect(await drive.probe.rows('SELECT id FROM accesses WHERE uses > ttl')).toEqual([]);
  });
});
