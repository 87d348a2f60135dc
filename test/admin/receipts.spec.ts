import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readBlocks } from '../clients/programs.js';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { deleteAndExport, type Parts } from './receipt-exports.js';
import { FORGERIES } from './receipt-forgeries.js';

const drive = driveFixture();
let directory: string;
let honest: Parts;
let foreign: Parts;

beforeAll(async () => {
  directory = temporaryDirectory();
  const { code } = readBlocks('docs/RECEIPTS.md').find(({ language }) => language === 'js')!;
  writeFileSync(join(directory, 'verify-receipts.mjs'), code);
  const { body } = await drive.anonymous().get('/api/deletions/keys');
  writeFileSync(join(directory, 'keys.json'), JSON.stringify(body));
  honest = await deleteAndExport(drive, 'alice');
  foreign = await deleteAndExport(drive, 'bob');
}, 60_000);

/** Runs the script as the page has it. */
function check({ receipts, head }: Parts): { status: number | null; says: string } {
  const lines = [...receipts.map((receipt) => ({ receipt })), ...(head ? [{ head }] : [])];
  writeFileSync(join(directory, 'alice.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const run = spawnSync(process.execPath, ['verify-receipts.mjs', 'keys.json', 'alice.jsonl'], {
    cwd: directory,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  return { status: run.status, says: run.stdout };
}

describe('the script of docs/RECEIPTS.md, as printed', () => {
  it('finds all receipts of an export true', () => {
    expect(check(honest)).toEqual({ status: 0, says: '6 receipts, all true\n' });
    expect(check(foreign).status).toBe(0);
  });

  it.each(FORGERIES)('finds out who changes %s', (_what, forge, says) => {
    const parts = structuredClone(honest);
    const { status, says: said } = check(forge(parts, foreign) ?? parts);
    expect(said).toContain(says);
    expect(status).toBe(1);
  });

  it('takes an export without any receipt', async () => {
    await drive.signUp('nobody');
    const { out } = await admin(drive.config, ['receipts', 'export', '--user', 'nobody']);
    const [{ head }] = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(check({ receipts: [], head })).toEqual({ status: 0, says: '0 receipts, all true\n' });
  });

  it('takes what an old key has signed, and says of a restored drive that a new chain begins', async () => {
    const place = join(directory, 'backup');
    if (drive.config.databaseUrl) return;
    expect((await admin(drive.config, ['database', 'backup', place])).code).toBe(0);
    const restored = await Drive.start({ DATA_DIR: place });
    try {
      const alice = await restored.anonymous().logIn('alice');
      await alice.delete(`/api/files/${(await alice.file('after.txt')).id}`);
      await restored.removalsSettled();
      const { out } = await admin(restored.config, ['receipts', 'export', '--user', 'alice']);
      const lines = out
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line));
      const receipts = lines.flatMap(({ receipt }) => receipt ?? []);
      writeFileSync(
        join(directory, 'keys.json'),
        JSON.stringify((await restored.anonymous().get('/api/deletions/keys')).body),
      );
      const { status, says } = check({ receipts, head: lines.find(({ head }) => head).head });
      expect(says).toContain('receipt 7 (file 13): a new chain begins, as after a restore');
      expect([status, receipts[6].chain === receipts[5].chain]).toEqual([0, false]);
      expect(check(honest).status).toBe(0);
      expect((await admin(restored.config, ['receipts', 'verify'])).code).toBe(0);
      expect(await restored.violations()).toEqual([]);
    } finally {
      await restored.close();
    }
  });
});

describe('the command line', () => {
  it('leaves a receipt of a delete of its own, and none of a removed account', async () => {
    const dave = await drive.signUp('dave');
    const file = await dave.file('a.txt');
    await dave.file('b.txt');
    expect((await admin(drive.config, ['files', 'delete', String(file.id)])).code).toBe(0);
    await expect.poll(async () => (await dave.get(`/api/deletions/${file.id}`)).body.receipt?.bytesGoneAt).toBeTruthy();
    const [{ id }] = (await drive.probe.rows<{ id: number }>("SELECT id FROM users WHERE username = 'dave'")) as [
      { id: number },
    ];
    expect((await admin(drive.config, ['users', 'delete', 'dave', '--yes'])).code).toBe(0);
    expect(await drive.probe.rows('SELECT * FROM receipts WHERE ownerId = ?', [id])).toEqual([]);
    expect(await drive.probe.rows('SELECT * FROM requestKeys WHERE ownerId = ?', [id])).toEqual([]);
    expect((await admin(drive.config, ['receipts', 'verify'])).code).toBe(0);
  });

  it('rotates the key: the old public half stays, the server signs with the new one from its next start', async () => {
    const { dataDir } = drive.config;
    const before = readFileSync(join(dataDir, 'receipt.key'), 'utf8');
    const { json } = await admin(drive.config, ['receipts', 'rotate-key', '--json']);
    expect(readFileSync(join(dataDir, 'receipt.key'), 'utf8')).not.toBe(before);
    const { keys } = (await drive.anonymous().get('/api/deletions/keys')).body;
    expect(keys).toHaveLength(2);
    await drive.restart();
    const alice = await drive.anonymous().logIn('alice');
    expect((await alice.get('/api/deletions/1')).body.receipt.keyId).toBe(json[0]!.keyId);
    writeFileSync(join(directory, 'keys.json'), JSON.stringify({ keys }));
    expect(check(honest).status).toBe(0);
    const given = await admin(drive.config, ['receipts', 'rotate-key'], {
      environment: { RECEIPT_KEY: Buffer.alloc(32, 1).toString('base64') },
    });
    expect([given.code, given.err]).toEqual([1, expect.stringContaining('RECEIPT_KEY')]);
  });
});
