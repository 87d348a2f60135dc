import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Parts, Receipt } from './receipt-exports.js';

const canonical = (object: object) => JSON.stringify(Object.fromEntries(Object.entries(object).toSorted()));

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

/** Changes an export as somebody might who has something to hide, and what the script says of it; `foreign` is another one's. */
export const FORGERIES: [string, (parts: Parts, foreign: Parts) => Parts | void, string][] = [
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
    ({ receipts }, foreign) => void receipts.splice(2, 1, foreign.receipts[2]!),
    'does not follow the one before',
  ],
  [
    "another's whole chain, under his own head",
    (parts, foreign) => ({ receipts: foreign.receipts, head: parts.head }),
    'the chain ends at 6, and ended at 6 when it was exported',
  ],
  [
    'nothing but the head',
    ({ head }) => ({ receipts: [], head }),
    'the chain ends at 0, and ended at 6 when it was exported',
  ],
];
