import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { hashOf, isSignedBy, receiptOf, remove } from '../support/receipts.js';
import { share } from '../support/sharing.js';

const drive = driveFixture();

const newcomer = () => drive.newcomer();
const isSigned = (receipt: Record<string, any>) => isSignedBy(drive, receipt);

describe('a delete leaves a receipt', () => {
  it('that says what went and when, without a name, hashed and signed', async () => {
    const owner = await newcomer();
    const { file } = await share(owner, {}, { name: 'a secret name.txt', bytes: 'some bytes' });
    const before = Date.now();
    await remove(owner, file.id);
    await drive.removalsSettled();
    const answer = await owner.get(`/api/deletions/${file.id}`);
    const { receipt } = answer.body;
    expect(Object.keys(receipt).toSorted()).toEqual([
      'accesses',
      'bytesGoneAt',
      'chain',
      'deletedAt',
      'downloadsEnded',
      'fileId',
      'hash',
      'keyId',
      'previousHash',
      'sequence',
      'sha256',
      'signature',
      'size',
    ]);
    expect(receipt).toMatchObject({
      fileId: file.id,
      sequence: 1,
      size: 10,
      sha256: sha256('some bytes'),
      accesses: 1,
      downloadsEnded: 0,
      previousHash: null,
      hash: hashOf(receipt),
    });
    expect(Date.parse(receipt.deletedAt)).toBeGreaterThanOrEqual(before);
    expect(Date.parse(receipt.bytesGoneAt)).toBeGreaterThanOrEqual(Date.parse(receipt.deletedAt));
    expect(await isSigned(receipt)).toBe(true);
    expect(JSON.stringify(await drive.probe.rows('SELECT * FROM receipts'))).not.toContain('secret');
  });

  it('linked to the one before, for each owner without a gap, however many delete at once', async () => {
    const owners = await Promise.all([newcomer(), newcomer()]);
    const ids = await Promise.all(
      owners.map((owner) => Promise.all(Array.from({ length: 12 }, (_, n) => owner.file(`${n}`).then(({ id }) => id)))),
    );
    await Promise.all(owners.flatMap((owner, who) => ids[who]!.map((id) => remove(owner, id))));
    const chains = new Set<string>();
    for (const owner of owners) {
      const receipts = (await owner.get('/api/deletions')).body.receipts.toReversed();
      expect(receipts.map(({ sequence }: any) => sequence)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
      receipts.forEach((receipt: any, n: number) => {
        expect(receipt.hash).toBe(hashOf(receipt));
        expect(receipt.previousHash).toBe(n === 0 ? null : receipts[n - 1].hash);
        chains.add(receipt.chain);
      });
    }
    expect(chains.size).toBe(2);
  });

  it('in pages, the newest first', async () => {
    const owner = await newcomer();
    for (let n = 0; n < 5; n += 1) await remove(owner, (await owner.file(`${n}`)).id);
    const sequences: number[] = [];
    for (let cursor = ''; ;) {
      const { body } = await owner.get(`/api/deletions?limit=2${cursor}`);
      sequences.push(...body.receipts.map(({ sequence }: any) => sequence));
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(sequences).toEqual([5, 4, 3, 2, 1]);
    for (const wrong of ['limit=0', 'limit=201', 'limit=1&limit=2', 'cursor=x', 'cursor=', 'all=1']) {
      expect((await owner.get(`/api/deletions?${wrong}`)).status, wrong).toBe(400);
    }
  });

  it('which only its owner sees', async () => {
    const [owner, other] = [await newcomer(), await newcomer()];
    const file = await owner.file('mine.txt');
    await remove(owner, file.id);
    expect((await drive.anonymous().get(`/api/deletions/${file.id}`)).status).toBe(401);
    expect((await drive.anonymous().get('/api/deletions')).status).toBe(401);
    for (const id of [file.id, 2147483647]) {
      const { status, body } = await other.get(`/api/deletions/${id}`);
      expect([status, body.error]).toEqual([404, 'Receipt not found']);
    }
    for (const id of ['abc', '0', '01', '1e3', '4294967296']) {
      const { status, body } = await owner.get(`/api/deletions/${id}`);
      expect([status, body.error]).toEqual([400, 'Invalid file ID']);
    }
    expect((await other.get('/api/deletions')).body.receipts).toEqual([]);
  });

  it('none when nothing was deleted', async () => {
    const owner = await newcomer();
    const file = await owner.file('kept.txt');
    const lift = await drive.probe.plantFault('DELETE', 'files');
    expect((await owner.delete(`/api/files/${file.id}`)).status).toBe(500);
    await lift();
    expect((await owner.get('/api/deletions')).body.receipts).toEqual([]);
    await remove(owner, file.id);
    expect((await receiptOf(owner, file.id)).sequence).toBe(1);
  });

  it('and none is deleted when the receipt cannot be written', async () => {
    const owner = await newcomer();
    const file = await owner.file('kept.txt', 'kept');
    const lift = await drive.probe.plantFault('INSERT', 'receipts');
    const { status, body } = await owner.delete(`/api/files/${file.id}`);
    await lift();
    expect([status, body.error]).toEqual([500, 'Failed to delete file record']);
    expect((await owner.get(`/api/files/${file.id}`)).status).toBe(200);
    expect(await drive.blobs()).toContainEqual({ key: file.location, size: 4, sha256: sha256('kept') });
  });

  it('none with RECEIPTS=off, after which the chain goes on', async () => {
    const owner = await newcomer();
    const ids = [];
    for (const name of ['a', 'b', 'c']) ids.push((await owner.file(name)).id);
    await remove(owner, ids[0]!);
    await drive.restart({ RECEIPTS: 'off' });
    const off = await drive.anonymous().logIn(owner.username);
    await remove(off, ids[1]!);
    expect((await off.get(`/api/deletions/${ids[1]}`)).status).toBe(404);
    await drive.restart({ RECEIPTS: 'on' });
    const on = await drive.anonymous().logIn(owner.username);
    await remove(on, ids[2]!);
    const receipts = (await on.get('/api/deletions')).body.receipts;
    expect(receipts.map(({ fileId, sequence }: any) => [fileId, sequence])).toEqual([
      [ids[2], 2],
      [ids[0], 1],
    ]);
    expect(receipts[0].previousHash).toBe(receipts[1].hash);
  });
});
