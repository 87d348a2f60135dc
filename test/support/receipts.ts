import { createHash, createPublicKey, verify } from 'node:crypto';
import { expect } from 'vitest';
import type { Client } from './client.js';
import type { Drive } from './drive.js';

/** RFC 8785 of what a receipt holds, written anew. */
function canonical(fields: Record<string, unknown>): string {
  const pairs = Object.keys(fields)
    .toSorted()
    .map((name) => `${JSON.stringify(name)}:${JSON.stringify(fields[name])}`);
  return `{${pairs.join(',')}}`;
}

/** What the hash of a receipt must be. */
export function hashOf(receipt: Record<string, any>): string {
  const { hash: _hash, bytesGoneAt: _gone, signature: _signature, keyId: _keyId, ...content } = receipt;
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** Whether one of the keys that the drive shows has signed it. */
export async function isSignedBy(drive: Drive, receipt: Record<string, any>): Promise<boolean> {
  const { keys } = (await drive.anonymous().get('/api/deletions/keys')).body;
  const jwk = keys.find(({ kid }: { kid: string }) => kid === receipt.keyId);
  const { hash, bytesGoneAt } = receipt;
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  return verify(null, Buffer.from(canonical({ hash, bytesGoneAt })), key, Buffer.from(receipt.signature, 'base64url'));
}

export const receiptOf = async (owner: Client, id: number) => (await owner.get(`/api/deletions/${id}`)).body.receipt;

/** Deletes a file. */
export const remove = async (owner: Client, id: number, query = '') => {
  expect((await owner.delete(`/api/files/${id}${query}`)).status).toBe(200);
};
