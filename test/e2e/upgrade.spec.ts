import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppConfig } from '@app/config';
import { dataSourceOptions, MigratableDataSource } from '@app/database';
import { foldName, nameKey } from '@app/files';
import { hash } from '@node-rs/argon2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessRow, fileRow, userRow } from '../database/rows.js';
import { admin } from '../support/admin.js';
import { PASSWORD } from '../support/client.js';
import { openProbe, type Probe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { sha256 } from '../support/violations.js';

/** The last migration of the first release, 0.1.0: see "A release" in CONTRIBUTING.md. */
const FIRST_RELEASE = 'SessionsByExpiry1795500000000';
/** Columns that have come since. */
const LATER = new Set(['receiptChain', 'receiptSequence', 'receiptHash', 'removedAt']);
const STORAGE = '4f9a3c1e-8a57-4c0e-9f0b-2f6f4f1d7a10';
const LINKS = ['a', 'b', 'c'].map((digit) => digit.repeat(32));
const NOW = Date.now();

const FILES = [
  { owner: 1, username: 'alice', name: 'report.txt', bytes: 'the report', public: true },
  { owner: 1, username: 'alice', name: '\u2764\uFE0F.txt', bytes: 'a heart', public: false },
  { owner: 2, username: 'bob', name: 'report.txt', bytes: 'another report', public: true },
];

const asColumn = (value: unknown): string | number | null => {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | number | null);
};

async function insert(probe: Probe, table: string, row: Record<string, unknown>): Promise<void> {
  const columns = Object.entries(row).filter(([name]) => !LATER.has(name));
  const sql = `INSERT INTO ${table} (${columns.map(([name]) => name).join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`;
  await probe.run(sql, columns.map(([, value]) => asColumn(value)) as (string | number)[]);
}

/** A drive as the first release left it: its schema, with rows in every table, and the bytes. */
async function seedFirstRelease(config: AppConfig): Promise<void> {
  mkdirSync(join(config.dataDir, 'uploads'), { recursive: true, mode: 0o700 });
  const options = dataSourceOptions(config);
  const migrations = options.migrations as (new () => unknown)[];
  const last = migrations.findIndex(({ name }) => name === FIRST_RELEASE);
  const old = new MigratableDataSource({ ...options, migrations: migrations.slice(0, last + 1) as never });
  await old.initialize();
  await old.runMigrations();
  await old.destroy();
  const probe = await openProbe(config);
  const passwordHash = await hash(PASSWORD, { memoryCost: 19_456, timeCost: 2, parallelism: 1 });
  const [one, two] = [
    { usedFiles: 2, usedBytes: 17 },
    { usedFiles: 1, usedBytes: 14 },
  ];
  await insert(probe, 'users', userRow('alice', { passwordHash, role: 'admin', ...one }));
  await insert(probe, 'users', userRow('bob', { passwordHash, ...two }));
  await insert(probe, 'storages', { id: STORAGE, kind: 'local', createdAt: NOW });
  const session = { id: '0c5b4b44-6a59-4be0-8a2b-0f4a1b9c7a11', userId: 1, userAgent: 'old', createdAt: NOW };
  await insert(probe, 'sessions', { ...session, expiresAt: NOW + 3_600_000, lastSeenAt: NOW });
  for (const { owner, username, name, bytes, public: isPublic } of FILES) {
    const storageKey = `${username}/${name}`;
    const foldedName = name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
    const keys = { foldedName, nameKey: sha256(Buffer.from(foldedName)), storageId: STORAGE, storageKey };
    const content = { size: bytes.length, sha256: sha256(Buffer.from(bytes)), extension: 'txt', public: isPublic };
    await insert(probe, 'files', fileRow(owner, name, { ...keys, ...content }));
    const path = join(config.dataDir, 'uploads', storageKey);
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(path, bytes, { mode: 0o600 });
  }
  writeFileSync(join(config.dataDir, 'uploads/.defdrive'), `${STORAGE}\n`, { mode: 0o600 });
  await insert(probe, 'accesses', accessRow(1, LINKS[0]!, { subnets: [], uses: 3, refusals: { ips: 2 } }));
  await insert(probe, 'accesses', accessRow(1, LINKS[1]!, { subnets: [], oneTimeUse: true }));
  await insert(probe, 'accesses', accessRow(3, LINKS[2]!, { subnets: ['10.0.0.0/8'] }));
  const removal = { ownerId: 2, nameKey: 'gone', storageId: STORAGE, storageKey: 'bob/gone', createdAt: NOW };
  writeFileSync(join(config.dataDir, 'uploads/bob/gone'), 'still to go');
  await insert(probe, 'blobRemovals', { ...removal, attempts: 1, nextAttemptAt: 0, lastError: 'EIO' });
  await probe.close();
}

describe('a drive of the first release', () => {
  let server: Server;
  beforeAll(async () => {
    const environment = await Server.environment();
    await seedFirstRelease(new AppConfig(environment));
    server = await Server.start(environment);
  });
  afterAll(() => server?.kill('SIGTERM'));

  it('has all that it had: accounts, files, bytes and what is used', async () => {
    const alice = await server.client.logIn('alice');
    const { body } = await alice.get('/api/files?sort=name');
    expect(body.files.map(({ name }: { name: string }) => name).toSorted()).toEqual(
      ['report.txt', '\u2764\uFE0F.txt'].toSorted(),
    );
    for (const { id, name } of body.files) {
      const bytes = await (await alice.fetch(`/api/files/${id}/content`)).text();
      expect(bytes).toBe(FILES.find((file) => file.owner === 1 && file.name === name)!.bytes);
    }
    expect((await alice.get('/api/user/limits')).body).toMatchObject({
      currentFiles: 2,
      currentStorage: 17,
      maxFiles: 10,
    });
    expect((await alice.get('/api/user')).body.user.role).toBe('admin');
    expect((await alice.upload('\u2764.txt', 'looks the same')).body.code).toBe('name_taken');
    expect((await alice.get('/api/user/sessions')).body.sessions).toHaveLength(2);
  });

  it('has its links, with what they were used and what is left of them', async () => {
    const alice = await server.client.logIn('alice');
    const follow = (link: string) => server.client.fetch(`/link/${link}`);
    expect(await (await follow(LINKS[0]!)).text()).toBe('the report');
    expect([(await follow(LINKS[1]!)).status, (await follow(LINKS[1]!)).status]).toEqual([200, 403]);
    expect((await follow(LINKS[2]!)).status).toBe(403);
    const { body } = await alice.get('/api/accesses/1');
    expect(body.access).toMatchObject({ uses: 4, refusals: { ips: 2 }, hasPassword: false });
  });

  it('goes on with what was still to do, and does what it could not do before', async () => {
    const bob = await server.client.logIn('bob');
    expect((await bob.delete('/api/files/3')).status).toBe(200);
    expect((await bob.get('/api/deletions')).body.receipts).toMatchObject([{ fileId: 3, sequence: 1 }]);
    expect((await bob.file('new.txt')).id).toBeGreaterThan(3);
    expect(() => readFileSync(join(server.config.dataDir, 'uploads/bob/gone'))).toThrow('ENOENT');
    const { code, out } = await admin(server.config, ['storage', 'check', '--deep']);
    expect([code, out]).toEqual([0, expect.any(String)]);
    const names = await openProbe(server.config);
    const rows = await names.rows<{ name: string; nameKey: string }>('SELECT name, nameKey FROM files WHERE id <= 2');
    await names.close();
    for (const { name, nameKey: key } of rows) expect(key).toBe(nameKey(foldName(name)));
  });
});
