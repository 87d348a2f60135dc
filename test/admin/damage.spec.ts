import { cpSync, openSync, readFileSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../crash/support/plan.js';
import { admin, seed } from '../support/admin.js';
import { blobsIn, Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { testEngine } from '../support/probe.js';
import { Server } from '../support/server.js';

const FILES = 3_000;
const PAGE = 4096;
const DAMAGED = 8;

describe.skipIf(testEngine() !== 'sqlite')('a damaged database', () => {
  const root = temporaryDirectory();
  const whole = join(root, 'whole');
  const random = new Random('damage');

  beforeAll(async () => {
    await seed({ dataDir: whole }, '--files', String(FILES), '--users', '2', '--accesses', '1000');
    // The server attaches the storage.
    await (await Drive.start({ DATA_DIR: whole })).close();
    const database = new SqliteDatabase(join(whole, 'defdrive.sqlite'));
    database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
    database.close();
  }, 120_000);

  /** A copy of the drive in which a page of the database, other than the first, is another one. */
  const damaged = (n: number, page: (bytes: Buffer) => void): string => {
    const dataDir = join(root, `damaged ${n}`);
    cpSync(whole, dataDir, { recursive: true });
    const path = join(dataDir, 'defdrive.sqlite');
    const pages = readFileSync(path).length / PAGE;
    const at = (1 + random.below(pages - 1)) * PAGE;
    const bytes = readFileSync(path).subarray(at, at + PAGE);
    page(bytes);
    const file = openSync(path, 'r+');
    writeSync(file, bytes, 0, PAGE, at);
    closeSync(file);
    return dataDir;
  };
  const shapes: [string, (bytes: Buffer) => void][] = [
    ['zeros', (bytes) => bytes.fill(0)],
    ['noise', (bytes) => bytes.forEach((_, index) => (bytes[index] = random.below(256)))],
    ['half of another', (bytes) => bytes.copyWithin(0, PAGE / 2)],
  ];

  it.each(Array.from({ length: DAMAGED }, (_, n) => [n, shapes[n % shapes.length]![0]] as const))(
    'number %i, where a page is %s, is found, and a repair leaves every byte where it is',
    async (n, what) => {
      const dataDir = damaged(n, new Map(shapes).get(what)!);
      const before = blobsIn(dataDir);
      expect(before).toHaveLength(FILES);
      const check = await admin({ dataDir }, ['storage', 'check']);
      expect(check.code).not.toBe(0);
      expect(check.out + check.err).toMatch(/database-damaged|The database is damaged/);
      const repair = await admin({ dataDir }, ['storage', 'repair', '--apply']);
      expect(repair.code).not.toBe(0);
      expect(blobsIn(dataDir)).toEqual(before);
    },
  );

  it.each([
    ['is no database', (path: string) => writeFileSync(path, 'x'.repeat(3 * PAGE))],
    [
      'has a first page of noise behind its header',
      (path: string) => {
        const bytes = readFileSync(path);
        bytes.fill(0xff, 100, PAGE);
        writeFileSync(path, bytes);
      },
    ],
  ])('that %s is named at the start of a server, and by every command', async (what, damage) => {
    const dataDir = join(root, what);
    cpSync(whole, dataDir, { recursive: true });
    damage(join(dataDir, 'defdrive.sqlite'));
    const server = Server.spawn(await Server.environment({ DATA_DIR: dataDir }));
    expect((await server.ended).code).toBe(1);
    expect(server.output).toMatch(/DefDrive cannot start: The database is damaged \(/);
    const { code, err } = await admin({ dataDir }, ['users', 'list']);
    expect(code).toBe(1);
    expect(err).toMatch(/The database is damaged \(/);
  });

  it('that is whole is clean', async () => {
    const { code, out } = await admin({ dataDir: whole }, ['storage', 'check']);
    expect([code, out]).toEqual([0, expect.stringContaining('The drive is clean.')]);
  });
});
