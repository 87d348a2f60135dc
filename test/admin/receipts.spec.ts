import { spawnSync } from 'node:child_process';
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBlocks } from '../clients/programs.js';
import { admin } from '../support/admin.js';
import { Drive } from '../support/drive.js';

type Receipt = Record<string, any>;

/** An export, in parts. */
interface Parts {
  receipts: Receipt[];
  head: Record<string, any> | undefined;
}

let drive: Drive;
let directory: string;
let honest: Parts;
let foreign: Parts;

/** Deletes files of a new account, some in bulk, and exports the receipts. */
async function deleteAndExport(username: string): Promise<Parts> {
  const owner = await drive.signUp(username);
  const ids: number[] = [];
  for (let n = 0; n < 6; n += 1) ids.push((await owner.file(`${n}.txt`)).id);
  for (const id of ids.slice(0, 3)) await owner.delete(`/api/files/${id}`);
  await owner.post('/api/files/delete', { ids: ids.slice(3) });
  await drive.removalsSettled();
  const { code, out } = await admin(drive.config, ['receipts', 'export', '--user', username]);
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1).keys).toEqual((await drive.anonymous().get('/api/deletions/keys')).body.keys);
  return { receipts: lines.flatMap(({ receipt }) => receipt ?? []), head: lines.find(({ head }) => head).head };
}

beforeAll(async () => {
  drive = await Drive.start();
  directory = mkdtempSync(join(tmpdir(), 'defdrive-receipts-'));
  const { code } = readBlocks('docs/RECEIPTS.md').find(({ language }) => language === 'js')!;
  writeFileSync(join(directory, 'verify-receipts.mjs'), code);
  const { body } = await drive.anonymous().get('/api/deletions/keys');
  writeFileSync(join(directory, 'keys.json'), JSON.stringify(body));
  honest = await deleteAndExport('alice');
  foreign = await deleteAndExport('bob');
}, 60_000);
afterAll(async () => {
  rmSync(directory, { recursive: true });
  await drive.destroy();
});

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

const canonical = (object: object) => JSON.stringify(Object.fromEntries(Object.entries(object).toSorted()));
const copy = (): Parts => structuredClone(honest);

function rehash(receipt: Receipt): void {
  const { bytesGoneAt: _gone, hash: _hash, signature: _signature, keyId: _key, ...content } = receipt;
  receipt.hash = createHash('sha256').update(canonical(content)).digest('hex');
}

function resign(receipt: Receipt, key: KeyObject): void {
  const { hash, bytesGoneAt } = receipt;
  receipt.signature = sign(null, Buffer.from(canonical({ bytesGoneAt, hash })), key).toString('base64url');
}

function resignHead(head: Record<string, any>, key: KeyObject): void {
  const { chain, hash, sequence, time } = head;
  head.signature = sign(null, Buffer.from(canonical({ chain, hash, sequence, time })), key).toString('base64url');
}

/** A key of somebody who would like to be the drive. */
const forger = () => generateKeyPairSync('ed25519').privateKey;

/** Changes an export as somebody might who has something to hide, and what the script says of it. */
const FORGERIES: [string, (parts: Parts) => Parts | void, string][] = [
  ['a size', ({ receipts }) => void (receipts[2]!.size += 1), 'receipt 3 (file 3): was changed'],
  ['the file', ({ receipts }) => void (receipts[2]!.fileId = 99), 'receipt 3 (file 99): was changed'],
  [
    'the sum of the bytes',
    ({ receipts }) => void (receipts[0]!.sha256 = '0'.repeat(64)),
    'receipt 1 (file 1): was changed',
  ],
  ['the time', ({ receipts }) => void (receipts[1]!.deletedAt = '2020-01-01T00:00:00.000Z'), 'was changed'],
  ['the number of cut downloads', ({ receipts }) => void (receipts[1]!.downloadsEnded = 5), 'was changed'],
  [
    'a receipt, with a hash that fits',
    ({ receipts }) => {
      receipts[2]!.size += 1;
      rehash(receipts[2]!);
    },
    'receipt 3 (file 3): the signature is wrong',
  ],
  [
    'all hashes from there on',
    ({ receipts }) => {
      receipts[2]!.size += 1;
      receipts.slice(2).forEach((receipt, n) => {
        receipt.previousHash = receipts[n + 1]!.hash;
        rehash(receipt);
      });
    },
    'receipt 6 (file 6): the signature is wrong',
  ],
  [
    'when the bytes were gone',
    ({ receipts }) => void (receipts[3]!.bytesGoneAt = '2030-01-01T00:00:00.000Z'),
    'receipt 4 (file 4): the signature is wrong',
  ],
  [
    'that the bytes are gone',
    ({ receipts }) => void (receipts[3]!.bytesGoneAt = null),
    'receipt 4 (file 4): the signature is wrong',
  ],
  ['one away', ({ receipts }) => void receipts.splice(2, 1), 'receipt 4 (file 4): receipt 3 is missing here'],
  [
    'one away, and the numbers',
    ({ receipts }) => {
      receipts.splice(2, 1);
      for (const receipt of receipts.slice(2)) receipt.sequence -= 1;
    },
    'receipt 3 (file 4): does not follow the one before',
  ],
  ['the first away', ({ receipts }) => void receipts.shift(), 'receipt 2 (file 2): receipt 1 is missing here'],
  ['the last away', ({ receipts }) => void receipts.pop(), 'the chain ends at 5, and ended at 6 when it was exported'],
  [
    'the last away, and the head',
    (parts) => {
      parts.receipts.pop();
      parts.head!.sequence = 5;
      parts.head!.hash = parts.receipts.at(-1)!.hash;
    },
    'the head: the signature is wrong',
  ],
  [
    'the last away, with a head of his own',
    (parts) => {
      const { privateKey } = generateKeyPairSync('ed25519');
      parts.receipts.pop();
      Object.assign(parts.head!, { sequence: 5, hash: parts.receipts.at(-1)!.hash, keyId: 'mine' });
      resignHead(parts.head!, privateKey);
    },
    "the head: signed with a key that is none of the drive's",
  ],
  ['the head away', ({ receipts }) => ({ receipts, head: undefined }), 'the head is missing'],
  [
    'the order',
    ({ receipts }) => void receipts.splice(1, 2, receipts[2]!, receipts[1]!),
    'receipt 3 (file 3): receipt 2 is missing here',
  ],
  [
    'one in twice',
    ({ receipts }) => void receipts.splice(2, 0, receipts[1]!),
    'receipt 2 (file 2): the file was deleted before',
  ],
  [
    'a signature, by another key',
    ({ receipts }) => resign(receipts[4]!, forger()),
    'receipt 5 (file 5): the signature is wrong',
  ],
  [
    'a signature, by another key of another name',
    ({ receipts }) => {
      resign(receipts[4]!, forger());
      receipts[4]!.keyId = createHash('sha256').update('mine').digest('base64url');
    },
    "receipt 5 (file 5): signed with a key that is none of the drive's",
  ],
  [
    'everything, and signs it',
    (parts) => {
      const key = forger();
      let previousHash: string | null = null;
      for (const receipt of parts.receipts) {
        Object.assign(receipt, { size: 0, previousHash });
        rehash(receipt);
        resign(receipt, key);
        previousHash = receipt.hash;
      }
      parts.head!.hash = previousHash;
      resignHead(parts.head!, key);
    },
    'receipt 1 (file 1): the signature is wrong',
  ],
  [
    "in another's receipt",
    ({ receipts }) => void receipts.splice(2, 1, foreign.receipts[2]!),
    'does not follow the one before',
  ],
  [
    "another's whole chain, under his own head",
    (parts) => ({ receipts: foreign.receipts, head: parts.head }),
    'the chain ends at 6, and ended at 6 when it was exported',
  ],
  [
    'nothing but the head',
    ({ head }) => ({ receipts: [], head }),
    'the chain ends at 0, and ended at 6 when it was exported',
  ],
];

describe('the script of docs/RECEIPTS.md, as printed', () => {
  it('finds all receipts of an export true', () => {
    expect(check(honest)).toEqual({ status: 0, says: '6 receipts, all true\n' });
    expect(check(foreign).status).toBe(0);
  });

  it.each(FORGERIES)('finds out who changes %s', (_what, forge, says) => {
    const parts = copy();
    const { status, says: said } = check(forge(parts) ?? parts);
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

describe('receipts verify, and storage check', () => {
  const findings = async () => {
    const [verified, checked] = [
      await admin(drive.config, ['receipts', 'verify', '--json']),
      await admin(drive.config, ['storage', 'check', '--json']),
    ];
    const of = ({ json }: typeof verified) =>
      json.filter(({ type }) => type === 'finding').map(({ kind, problem }) => `${kind}: ${problem}`);
    expect(of(checked)).toEqual(of(verified));
    expect([verified.code, checked.code]).toEqual(of(verified).length === 0 ? [0, 0] : [2, 2]);
    return of(verified);
  };

  it('find nothing where nothing is', async () => {
    expect(await findings()).toEqual([]);
    const { out } = await admin(drive.config, ['receipts', 'verify']);
    expect(out).toMatch(/^\d+ receipts checked: all is well\.\n$/);
  });

  const FAULTS: [string, string, string, string[]][] = [
    [
      'a receipt that was changed',
      'UPDATE receipts SET size = size + 1 WHERE fileId = 2',
      'UPDATE receipts SET size = size - 1 WHERE fileId = 2',
      ['receipt-broken: receipt 2: its content is not what its hash says'],
    ],
    [
      'a receipt that is gone',
      'UPDATE receipts SET sequence = 1002 WHERE fileId = 2',
      'UPDATE receipts SET sequence = 2 WHERE fileId = 2',
      ['receipt-broken: receipt 3: number 2 is missing'],
    ],
    [
      'a last receipt that is gone',
      'UPDATE receipts SET sequence = 1006 WHERE fileId = 6',
      'UPDATE receipts SET sequence = 6 WHERE fileId = 6',
      ['receipt-broken: its last receipt is 5, and not 6 as it was made'],
    ],
    [
      'a receipt whose bytes wait for nothing',
      'UPDATE receipts SET bytesGoneAt = NULL WHERE fileId = 4',
      'UPDATE receipts SET bytesGoneAt = deletedAt WHERE fileId = 4',
      ['receipt-false: it says that the bytes wait, and no removal does'],
    ],
    [
      'a key under another name',
      "UPDATE receiptKeys SET publicKey = 'x'",
      '',
      [expect.stringMatching(/^receipt-key: .* is another key$/) as unknown as string],
    ],
  ];
  it.each(FAULTS)('find %s', async (_what, fault, cure, expected) => {
    const keys = await drive.probe.rows<{ keyId: string; publicKey: string }>('SELECT * FROM receiptKeys');
    await drive.probe.run(fault);
    expect(await findings()).toEqual(expected);
    if (cure) await drive.probe.run(cure);
    for (const { keyId, publicKey } of keys)
      await drive.probe.run('UPDATE receiptKeys SET publicKey = ? WHERE keyId = ?', [publicKey, keyId]);
    expect(await findings()).toEqual([]);
  });

  it('find a receipt whose file lives, and a delete that has lost its receipt', async () => {
    const carol = await drive.signUp('carol');
    const [lives, lost] = [await carol.file('lives.txt'), await carol.file('lost.txt')];
    await drive.probe.run('UPDATE receipts SET fileId = ? WHERE fileId = 6', [lives.id]);
    expect(await findings()).toEqual([
      'receipt-broken: receipt 6: its content is not what its hash says',
      'receipt-false: it says that the file was deleted, and the file is there',
    ]);
    await drive.probe.run('UPDATE receipts SET fileId = 6 WHERE fileId = ?', [lives.id]);
    await drive.probe.run(
      `INSERT INTO blobRemovals (ownerId, fileId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt)
       SELECT ownerId, id, 'none', 'elsewhere', 'none', 0, 9999999999999, 0 FROM files WHERE id = ?`,
      [lost.id],
    );
    const { json } = await admin(drive.config, ['receipts', 'verify', '--json']);
    expect(json[0]).toMatchObject({ kind: 'receipt-missing', fileId: lost.id });
    await drive.probe.run("DELETE FROM blobRemovals WHERE storageId = 'elsewhere'");
    expect(await findings()).toEqual([]);
  });
});

describe('the command line', () => {
  it('leaves a receipt of a delete of its own, and none of a removed account', async () => {
    const dave = await drive.signUp('dave');
    const file = await dave.file('a.txt');
    await dave.file('b.txt');
    expect((await admin(drive.config, ['files', 'delete', String(file.id)])).code).toBe(0);
    await expect
      .poll(async () => (await dave.get(`/api/deletions/${file.id}`)).body.receipt?.bytesGoneAt, { timeout: 20_000 })
      .toBeTruthy();
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
    drive = await drive.restart();
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
