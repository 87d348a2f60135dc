import { describe, expect, it } from 'vitest';
import { describeWith, skipVisibly } from '../support/engines.js';
import { type Mistake, MistakenBuild, placesOf } from '../support/mistaken-build.js';
import { testEngine } from '../support/probe.js';
import { FULL, PATIENCE_MS } from './support/plan.js';

/** A mistake, and the part of the crash tests that finds it. */
interface Found extends Mistake {
  readonly part: string;
  readonly test: string;
}

const MISTAKES: Found[] = [
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
    wrong: 'await this.units.run((unit) => end(unit, chunk, { goneAt: Date.now() })); await this.flush(chunk);',
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
    right: 'const appended = await this.offsets.save(upload, received);',
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
    file: 'libs/files/src/incoming/pending-rows.js',
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
    wrong: `taken = await this.units.run((unit) =>
      unit.change('UPDATE accesses SET uses = ? WHERE id = ?', [access.uses + 1, access.id])) === 1;`,
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
    file: 'libs/storage/src/local/local-publishing.js',
    right: 'ours !== undefined && ours === published',
    wrong: 'published !== undefined',
    part: 'interleavings',
    test: 'of an upload with foreign bytes at its key',
    finding: 'ENOENT: no such file or directory',
  },
];

describe('a deliberate fault has its place in the build', () => {
  it.each(MISTAKES)('where $title', (mistake) => expect(placesOf(mistake)).toBe(1));
});

describeWith(['strace', 'eatmydata'], 'a deliberate fault is found', () => {
  if (!FULL || testEngine() !== 'sqlite')
    return skipVisibly('skipped: a deliberate fault is found needs npm run test:crash, on SQLite');

  it.each(MISTAKES)(
    'where $title',
    async (mistake) => {
      const build = new MistakenBuild(mistake);
      const { code, output } = await build.test([`test/crash/${mistake.part}.spec.ts`, '-t', mistake.test]);
      build.remove();
      expect(output).toContain(mistake.finding);
      expect(code).toBe(1);
    },
    PATIENCE_MS,
  );
});
