import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { admin, environmentOf } from '../support/admin.js';
import { BucketView } from '../support/bucket.js';
import { createBucket } from '../support/ceph.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { MariaDb } from '../support/mariadb.js';
import { Server } from '../support/server.js';
import { onS3 } from '../support/store.js';

/** What belongs to a backup beside it; and a lease that is over when a command wants to be alone. */
const SETTINGS = {
  JWT_SECRET: randomBytes(48).toString('base64url'),
  RECEIPT_KEY: randomBytes(32).toString('base64'),
  SERVER_LEASE: '3s',
};

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/S3.md'), 'utf8');

/** A command as docs/S3.md prints it, with the names of this test in place of the page's. */
function printed(begins: string, names: Record<string, string>): string {
  const line = PAGE.split('\n').find((one) => one.startsWith(begins));
  if (!line) throw new Error(`docs/S3.md does not print ${begins}`);
  return Object.entries(names).reduce((text, [theirs, ours]) => text.replaceAll(theirs, ours), line);
}

const nameIn = (url: string) => new URL(url).pathname.slice(1);

/** What the printed commands take from a user's own configuration. */
function configured(directory: string, database: string, store: string): NodeJS.ProcessEnv {
  const [mysql, s3] = [new URL(database), new URL(store)];
  const client = { host: mysql.hostname, port: mysql.port, user: mysql.username };
  const lines = Object.entries({ ...client, password: `"${decodeURIComponent(mysql.password)}"` });
  writeFileSync(join(directory, '.my.cnf'), `[client]\n${lines.map((line) => line.join('=')).join('\n')}\n`);
  const remote = {
    ...{ TYPE: 's3', PROVIDER: 'Ceph', ENDPOINT: `http://${s3.host}`, NO_CHECK_BUCKET: 'true' },
    ...{ ACCESS_KEY_ID: s3.username, SECRET_ACCESS_KEY: decodeURIComponent(s3.password) },
  };
  const remotes = ['STORE', 'COPIES'].flatMap((name) =>
    Object.entries(remote).map(([key, value]) => [`RCLONE_CONFIG_${name}_${key}`, value] as const),
  );
  return { PATH: process.env.PATH, HOME: directory, ...Object.fromEntries(remotes) };
}

describe.skipIf(!onS3())('a backup of records in MariaDB and bytes in a store', () => {
  describeWith(['mariadb', 'rclone'], 'made and brought back as docs/S3.md prints it', () => {
    it(
      'has every file that the dump names, and what came after it can be found again',
      { timeout: 120_000 },
      async () => {
        const mariadb = await MariaDb.start();
        const [first, second] = [await mariadb.createDatabase(), await mariadb.createDatabase()];
        const environment = await Server.environment({ DATABASE_URL: first, ...SETTINGS });
        const url = environment.STORAGE_URL!;
        const [copy, again] = [await createBucket(url), await createBucket(url)];
        const directory = temporaryDirectory();
        const env = configured(directory, first, url);
        const run = (command: string) => execFileSync('/bin/bash', ['-ec', command], { cwd: directory, env });

        const server = await Server.start(environment);
        const client = await server.client.signUp('alice');
        const kept = await client.file('a+b é.txt', 'kept');
        const large = await client.file('large', Buffer.alloc(11 * 2 ** 20, 'large, ') as unknown as string);
        const deleted = await client.file('deleted', 'in the dump, and not in the copy');
        run(printed('mariadb-dump', { ' drive ': ` ${nameIn(first)} ` }));
        expect((await client.delete(`/api/files/${deleted.id}`)).status).toBe(200);
        await client.file('later', 'in the copy, and not in the dump');
        run(
          printed('rclone copy --metadata store:', {
            'store:my-drive': `store:${nameIn(url)}`,
            'copies:my-drive': `copies:${nameIn(copy)}`,
          }),
        );
        await server.kill('SIGTERM');

        run(printed('mariadb drive', { ' drive ': ` ${nameIn(second)} ` }));
        run(
          printed('rclone copy --metadata copies:', {
            'store:my-drive': `store:${nameIn(again)}`,
            'copies:my-drive': `copies:${nameIn(copy)}`,
          }),
        );
        const fresh = {
          ...(await Server.environment(SETTINGS)),
          DATABASE_URL: second,
          STORAGE_URL: again,
          STORAGE_SWEEP: 'off',
        };
        const restored = await Server.start(fresh);
        const command = (...args: string[]) =>
          admin(restored.config, args, {
            environment: { ...environmentOf(restored.config), ...SETTINGS, STORAGE_URL: again },
          });
        const check = await command('storage', 'check', '--deep', '--json');
        const found = check.json.filter(({ kind }) => kind).map(({ kind, key }) => `${kind} ${key.split('/').at(-1)}`);
        expect(found.toSorted()).toEqual(['blob-missing deleted', 'blob-unknown later']);
        const owner = await restored.client.logIn('alice');
        for (const { id, size } of [kept, large])
          expect((await (await owner.fetch(`/api/files/${id}/content`)).arrayBuffer()).byteLength).toBe(size);
        expect((await owner.delete(`/api/files/${deleted.id}`)).status).toBe(200);
        await restored.kill('SIGTERM');
        await command('storage', 'repair', '--apply');
        const [, path] = /(\S+\/later)/.exec((await command('storage', 'restore')).out)!;
        expect((await command('storage', 'restore', path!, '--user', 'alice')).code).toBe(0);
        expect((await command('storage', 'check', '--deep')).out).toContain('The drive is clean.');
        const view = new BucketView(again);
        expect((await view.keys()).length).toBe(3);
        view.close();
        await mariadb.stop();
      },
    );
  });
});
