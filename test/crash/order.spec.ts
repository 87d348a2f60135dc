import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { describeWith, skipVisibly } from '../support/engines.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { testEngine } from '../support/probe.js';
import { CrashDrive } from './support/crash-drive.js';
import { lintDelete, lintPart, lintStaged, lintUpload, type Places } from './support/order-lint.js';
import { type Call, parseLog } from './support/strace-log.js';
import type { Recorder } from './support/recorder.js';
import { writeDown } from './support/strace.js';

const CALLS = 'openat,fsync,fdatasync,link,unlink,write,writev,pwrite64';

describeWith(['strace', 'eatmydata'], 'the order of writes and syncs', (strace, eatmydata) => {
  if (testEngine() !== 'sqlite') return skipVisibly('skipped: the order of writes and syncs needs SQLite');

  let drive: CrashDrive;
  let log: string;
  afterEach(async () => {
    await drive.destroy();
    rmSync(dirname(log), { recursive: true });
  });

  /** Uploads and deletes one after the other. @returns what is wrong with the order of their calls */
  const lint = async (...wrapper: string[]): Promise<string[]> => {
    log = join(temporaryDirectory(), 'log');
    drive = await CrashDrive.create(['alice', 'bob']);
    await drive.start({ wrapper: [...writeDown(strace, CALLS, log), ...wrapper] });
    const places: Places = { uploads: drive.uploads, database: join(drive.environment.DATA_DIR!, 'defdrive.sqlite') };
    const found: string[] = [];
    let read = 0;
    const newCalls = async (): Promise<Call[]> => {
      // The server only gets to a further request when strace has written down what it did before.
      await drive.isAlive();
      const text = readFileSync(log, 'utf8').slice(read);
      read += text.length;
      return parseLog(text);
    };
    for (const person of drive.people) {
      for (const [name, size, way] of [
        ['small.txt', 10, 'claimed'],
        ['staged.txt', 10, 'staged'],
        ['large.bin', 2_500_000, 'claimed'],
        ['staged again.txt', 700_000, 'staged'],
      ] as const) {
        await person.client.get('/api/user/limits');
        await newCalls();
        const file = await person.upload(name, size, way);
        expect(file.upload).toBe('acknowledged');
        const { owner } = file;
        const lintWay = way === 'staged' ? lintStaged : lintUpload;
        found.push(...lintWay(await newCalls(), { id: file.id!, owner, name }, places));
        expect(await person.remove(file)).toBe('acknowledged');
        await drive.drained();
        found.push(...lintDelete(await newCalls(), { id: file.id!, owner, name }, places));
      }
    }
    found.push(...(await lintParts(drive.people[0]!, places, newCalls)));
    return found;
  };

  /** Of parts of an upload, the first with the making of its file. */
  const lintParts = async (person: Recorder, places: Places, newCalls: () => Promise<Call[]>): Promise<string[]> => {
    const owner = person.client.username!;
    const book = (await person.begin('parts.bin', 3_000_000))!;
    await newCalls();
    const found: string[] = [];
    for (const size of [10, 1_500_000]) {
      const outcome = await person.append(book, size);
      if (outcome !== 'acknowledged') return [...found, `part of parts.bin, ${size} bytes: ${outcome}`];
      const [id] = readdirSync(join(drive.uploads, '.tmp'));
      found.push(...lintPart(await newCalls(), { id: Number(id), owner, name: `parts.bin, ${size} bytes` }, places));
    }
    await person.endUpload(book);
    return found;
  };

  it('is the one that survives a power cut', async () => {
    expect(await lint()).toEqual([]);
  }, 120_000);

  it('is found wrong where nothing is synced', async () => {
    const found = await lint(eatmydata);
    expect(found).toHaveLength(24);
    expect(found).toContain('upload of small.txt: no sync of the database with the claim after the beginning');
    expect(found).toContain('delete of small.txt: no sync of the database after the beginning');
    expect(found).toContain('part of parts.bin, 10 bytes: no sync of the temporary file after write of the bytes');
  });
});
