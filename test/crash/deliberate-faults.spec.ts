import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { temporaryDirectory } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { testEngine } from '../support/probe.js';
import { FULL, PATIENCE_MS } from './support/plan.js';

const ROOT = join(import.meta.dirname, '../..');
/** All of the build: the server in few files cannot be changed in one place, what it is made of can. */
const BUILD = join(ROOT, 'dist');

/** A fault that somebody could make in the server, and the part of the crash tests that finds it. */
interface Mistake {
  readonly title: string;
  /** Below `dist`. */
  readonly file: string;
  readonly right: string;
  readonly wrong: string;
  readonly part: string;
  readonly test: string;
  /** What the part says. */
  readonly finding: string;
}

const MISTAKES: Mistake[] = [
  {
    title: 'the bytes are unlinked before COMMIT',
    file: 'libs/files/src/files.service.js',
    right: 'const removal = await this.transaction.run(file, options);',
    wrong:
      'await this.removals.storages.current.remove(file.storageKey); const removal = await this.transaction.run(file, options);',
    part: 'failpoints',
    test: 'at delete.recorded leaves',
    finding: 'I1 file 1 is live without its bytes at alice/old.txt',
  },
  {
    title: 'a delete leaves no receipt',
    file: 'libs/files/src/removals/delete-records.js',
    right: 'await insertReceipt(unit, receipt);',
    wrong: ';',
    part: 'failpoints',
    test: 'at delete.committed leaves the whole file',
    finding: 'I10 the receipts of alice do not end at 1',
  },
  {
    title: 'a receipt says that the bytes are gone before they are',
    file: 'libs/files/src/removals/removal-settler.js',
    right: 'await this.flush(chunk);',
    wrong: 'await this.units.run((unit) => end(unit, chunk, Date.now())); await this.flush(chunk);',
    part: 'order',
    test: 'survives a power cut',
    finding: 'the database was written between unlink and sync of the directory',
  },
  {
    title: 'no directory is synced',
    file: 'libs/storage/src/local/directory-sync.js',
    right: 'await descriptor.sync(fd);',
    wrong: '',
    part: 'order',
    test: 'survives a power cut',
    finding: 'no sync of the directory after link',
  },
  {
    title: 'an offset is told before it is written down',
    file: 'libs/files/src/uploads/uploads.service.js',
    right: 'const appended = await this.save(upload, received);',
    wrong: 'const appended = { ...upload, received };',
    part: 'order',
    test: 'survives a power cut',
    finding: 'part of parts.bin, 10 bytes: no write of the database after sync of the temporary file',
  },
  {
    title: 'an offset is written down before its bytes are synced',
    file: 'libs/storage/src/local/local-blob-writer.js',
    right: 'await Promise.all([this.use(() => descriptor.sync(this.fd)), this.place.syncTemporary()]);',
    wrong: 'await this.place.syncTemporary();',
    part: 'order',
    test: 'survives a power cut',
    finding: 'part of parts.bin, 10 bytes: no sync of the temporary file after write of the bytes',
  },
  {
    title: 'a start rolls back uploads that wait for their clients',
    file: 'libs/files/src/incoming/upload-rollback.js',
    right: '`${PENDING} AND NOT EXISTS ${RESUMABLE}`',
    wrong: 'PENDING',
    part: 'resumable',
    test: 'at append.synced keeps every byte',
    finding: "expected 'refused' to be 'unknown'",
  },
  {
    title: 'the end of an upload keeps its room',
    file: 'libs/files/src/uploads/upload-rows.js',
    right: "SET fileId = NULL, reserved = NULL, metadata = ''",
    wrong: "SET fileId = NULL, metadata = ''",
    part: 'resumable',
    test: 'at rollback.dropped of its end leaves nothing',
    finding: 'I13 3000 bytes are held for upload',
  },
  {
    title: 'a use is read, then counted',
    file: 'libs/sharing/src/links.service.js',
    right: 'taken = await this.units.run((unit) => takeUse(unit, access));',
    wrong: `taken = await this.dataSource.query('SELECT uses FROM accesses WHERE id = ?', [access.id]).then(([{ uses }]) =>
      this.units.run((unit) => unit.change('UPDATE accesses SET uses = ? WHERE id = ?', [uses + 1, access.id]))) === 1;`,
    part: 'interleavings',
    test: 'of strangers with one link',
    finding: 'I8 a link for ',
  },
  {
    title: 'a removal is not read again before it unlinks',
    file: 'libs/files/src/removals/removals.service.js',
    right: 'const row = await findRemoval(this.dataSource, removal.id);',
    wrong: 'const row = removal;',
    part: 'interleavings',
    test: 'of a removal taken from the queue long ago',
    finding: 'I1 file 3 is live without its bytes at alice/same.txt',
  },
  {
    title: 'a roll-back unlinks whatever is at the key',
    file: 'libs/storage/src/local/local-storage.service.js',
    right: 'ours !== undefined && ours === published',
    wrong: 'published !== undefined',
    part: 'interleavings',
    test: 'of an upload with foreign bytes at its key',
    finding: 'ENOENT: no such file or directory',
  },
];

describeWith(['strace', 'eatmydata'], 'a deliberate fault is found', () => {
  if (!FULL || testEngine() !== 'sqlite') return it.skip('is for npm run test:crash', () => undefined);

  let copy: string;
  beforeEach(() => {
    copy = temporaryDirectory();
    cpSync(BUILD, join(copy, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'package.json'), join(copy, 'package.json'));
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  /** Runs a part of the crash tests against the copy. */
  const run = async ({ part, test }: Mistake): Promise<{ code: number; output: string }> => {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const child = spawn(process.execPath, [vitest, 'run', `test/crash/${part}.spec.ts`, '-t', test], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, DEFDRIVE_MAIN: join(copy, 'dist/apps/api/src/main.js'), NO_COLOR: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const [code] = await once(child, 'close');
    return { code, output };
  };

  it.each(MISTAKES)(
    'where $title',
    async (mistake) => {
      const path = join(copy, 'dist', mistake.file);
      const source = readFileSync(path, 'utf8');
      expect(source.split(mistake.right), `places in ${mistake.file} for the fault`).toHaveLength(2);
      writeFileSync(
        path,
        source.replace(mistake.right, () => mistake.wrong),
      );
      const { code, output } = await run(mistake);
      expect(output).toContain(mistake.finding);
      expect(code).toBe(1);
    },
    PATIENCE_MS,
  );
});
