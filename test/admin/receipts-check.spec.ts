import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { deleteAndExport } from './receipt-exports.js';

const drive = driveFixture();
beforeAll(async () => {
  await deleteAndExport(drive, 'alice');
  await deleteAndExport(drive, 'bob');
}, 60_000);

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
    const lives = await carol.file('lives.txt');
    const lost = lives.id + 1000;
    await drive.probe.run('UPDATE receipts SET fileId = ? WHERE fileId = 6', [lives.id]);
    expect(await findings()).toEqual([
      'receipt-broken: receipt 6: its content is not what its hash says',
      'receipt-false: it says that the file was deleted, and the file is there',
    ]);
    await drive.probe.run('UPDATE receipts SET fileId = 6 WHERE fileId = ?', [lives.id]);
    await drive.probe.run(
      `INSERT INTO blobRemovals (ownerId, fileId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt)
       SELECT ownerId, ?, 'none', 'elsewhere', 'none', 0, 9999999999999, 0 FROM files WHERE id = ?`,
      [lost, lives.id],
    );
    const { json } = await admin(drive.config, ['receipts', 'verify', '--json']);
    expect(json[0]).toMatchObject({ kind: 'receipt-missing', fileId: lost });
    await drive.probe.run("DELETE FROM blobRemovals WHERE storageId = 'elsewhere'");
    expect(await findings()).toEqual([]);
  });
});
