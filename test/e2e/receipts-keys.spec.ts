import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { isSignedBy, receiptOf, remove } from '../support/receipts.js';

const drive = driveFixture();

const newcomer = () => drive.newcomer();
const isSigned = (receipt: Record<string, any>) => isSignedBy(drive, receipt);

describe('the keys that check receipts', () => {
  it('are there for everybody, and the secret one for nobody', async () => {
    const { dataDir } = drive.config;
    const { status, body } = await drive.anonymous().get('/api/deletions/keys');
    expect([status, body.keys]).toMatchObject([200, [{ kty: 'OKP', crv: 'Ed25519', use: 'sig', alg: 'EdDSA' }]]);
    expect(Object.keys(body.keys[0]).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(statSync(join(dataDir, 'receipt.key')).mode & 0o777).toBe(0o600);
    expect(JSON.stringify(body)).not.toContain(readFileSync(join(dataDir, 'receipt.key'), 'utf8').trim());
  });

  it('stay when another key is given, and old receipts are signed with the new one', async () => {
    const owner = await newcomer();
    const file = await owner.file('a.txt');
    await remove(owner, file.id);
    await drive.removalsSettled();
    const before = await receiptOf(owner, file.id);
    await drive.restart({ RECEIPT_KEY: Buffer.alloc(32, 7).toString('base64') });
    const after = await receiptOf(await drive.anonymous().logIn(owner.username), file.id);
    expect(after.hash).toBe(before.hash);
    expect(after.keyId).not.toBe(before.keyId);
    expect((await drive.anonymous().get('/api/deletions/keys')).body.keys).toHaveLength(2);
    expect([await isSigned(before), await isSigned(after)]).toEqual([true, true]);
    await drive.restart({ RECEIPT_KEY: '' });
    expect((await drive.anonymous().get('/api/deletions/keys')).body.keys).toHaveLength(2);
  });
});
