import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Drive, sha256 } from '../support/drive.js';
import { share } from '../support/sharing.js';

let drive: Drive;
let count = 0;

beforeAll(async () => {
  drive = await Drive.start();
});
afterAll(() => drive.destroy());
afterEach(async () => expect(await drive.violations()).toEqual([]));

async function newcomer(): Promise<Client> {
  count += 1;
  return drive.signUp(`user${count}`);
}

/** RFC 8785 of what a receipt holds, written anew. */
function canonical(fields: Record<string, unknown>): string {
  const pairs = Object.keys(fields)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(fields[name])}`);
  return `{${pairs.join(',')}}`;
}

function hashOf(receipt: Record<string, any>): string {
  const { hash: _hash, bytesGoneAt: _gone, signature: _signature, keyId: _keyId, ...content } = receipt;
  return createHash('sha256').update(canonical(content)).digest('hex');
}

async function isSigned(receipt: Record<string, any>): Promise<boolean> {
  const { keys } = (await drive.anonymous().get('/api/deletions/keys')).body;
  const jwk = keys.find(({ kid }: { kid: string }) => kid === receipt.keyId);
  const { hash, bytesGoneAt } = receipt;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(null, Buffer.from(canonical({ hash, bytesGoneAt })), key, Buffer.from(receipt.signature, 'base64url'));
}

const receiptOf = async (owner: Client, id: number) => (await owner.get(`/api/deletions/${id}`)).body.receipt;
const remove = async (owner: Client, id: number, query = '') => {
  expect((await owner.delete(`/api/files/${id}${query}`)).status).toBe(200);
};

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
    drive = await drive.restart({ RECEIPTS: 'off' });
    const off = await drive.anonymous().logIn(owner.username);
    await remove(off, ids[1]!);
    expect((await off.get(`/api/deletions/${ids[1]}`)).status).toBe(404);
    drive = await drive.restart({ RECEIPTS: 'on' });
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
    drive = await drive.restart({ RECEIPT_KEY: Buffer.alloc(32, 7).toString('base64') });
    const after = await receiptOf(await drive.anonymous().logIn(owner.username), file.id);
    expect(after.hash).toBe(before.hash);
    expect(after.keyId).not.toBe(before.keyId);
    expect((await drive.anonymous().get('/api/deletions/keys')).body.keys).toHaveLength(2);
    expect([await isSigned(before), await isSigned(after)]).toEqual([true, true]);
    drive = await drive.restart({ RECEIPT_KEY: '' });
    expect((await drive.anonymous().get('/api/deletions/keys')).body.keys).toHaveLength(2);
  });
});

describe('before and during a delete', () => {
  it('its owner sees what it would take', async () => {
    const owner = await newcomer();
    const { file, link } = await share(owner);
    await owner.post(`/api/files/${file.id}/accesses`, { public: false });
    await owner.post(`/api/files/${file.id}/accesses`, { public: true, subnets: ['192.0.2.0/24'] });
    const spent = await owner.post(`/api/files/${file.id}/accesses`, { public: true, oneTimeUse: true });
    const path = `/api/files/${file.id}/deletion`;
    expect((await owner.get(path)).body.accesses).toEqual({ count: 4, open: 3, lastUsedAt: null });
    await drive.anonymous().fetch(new URL(link).pathname);
    await drive.anonymous().fetch(new URL(spent.body.link).pathname);
    const { body } = await owner.get(path);
    expect(body).toMatchObject({
      file: { id: file.id, name: file.name },
      accesses: { count: 4, open: 2 },
      downloads: 0,
    });
    expect(Date.now() - Date.parse(body.accesses.lastUsedAt)).toBeLessThan(60_000);
    await owner.put(`/api/files/${file.id}/access`, { public: false });
    expect((await owner.get(path)).body.accesses.open).toBe(0);
    expect((await drive.anonymous().get(path)).status).toBe(401);
    expect((await (await newcomer()).get(path)).status).toBe(403);
    expect((await owner.get('/api/files/2147483647/deletion')).status).toBe(404);
    expect((await owner.get('/api/files/x/deletion')).status).toBe(400);
  });

  const begin = async (client: Client, path: string) => {
    const response = await client.fetch(path);
    const reader = response.body!.getReader();
    let received = (await reader.read()).value!.length;
    /** All of the bytes, or how many came before the end was cut. */
    const rest = async () => {
      try {
        for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) received += chunk.value.length;
        return received;
      } catch {
        return 'cut';
      }
    };
    return rest;
  };

  it('downloads are counted and run to their end, or are cut and counted in the receipt', async () => {
    const owner = await newcomer();
    const bytes = Buffer.alloc(30_000_000, 'x');
    const [runs, cut] = [await owner.file('runs.bin', bytes), await owner.file('cut.bin', bytes)];
    await owner.put(`/api/files/${cut.id}/access`, { public: true });
    const { link } = (await owner.post(`/api/files/${cut.id}/accesses`, { public: true })).body;
    const [first, second, third] = [
      await begin(owner, `/api/files/${runs.id}/content`),
      await begin(owner, `/api/files/${cut.id}/content`),
      await begin(drive.anonymous(), new URL(link).pathname),
    ];
    expect((await owner.get(`/api/files/${cut.id}/deletion`)).body.downloads).toBe(2);
    const refused = await owner.delete(`/api/files/${cut.id}?downloads=stop`);
    expect([refused.status, refused.body.error]).toEqual([400, 'downloads must be "end"']);
    await remove(owner, runs.id);
    await remove(owner, cut.id, '?downloads=end');
    expect(await Promise.all([first(), second(), third()])).toEqual([bytes.length, 'cut', 'cut']);
    expect((await receiptOf(owner, runs.id)).downloadsEnded).toBe(0);
    expect((await receiptOf(owner, cut.id)).downloadsEnded).toBe(2);
  });
});
