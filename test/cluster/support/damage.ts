import { BucketView } from '../../support/bucket.js';
import { openProbe, type Probe } from '../../support/probe.js';
import type { Cluster } from './cluster.js';

/** Something that is wrong with a drive at rest, and what the checker must say of it. */
export interface Damage {
  readonly title: string;
  /** @returns what mends it */
  readonly make: (drive: Damaged) => Promise<() => Promise<unknown>>;
  readonly finding: RegExp;
}

/** A drive as a vandal sees it. */
export interface Damaged {
  readonly probe: Probe;
  readonly bucket: BucketView;
}

export async function openDamaged({ engines, members }: Cluster): Promise<Damaged & { close(): Promise<void> }> {
  const probe = await openProbe({ dataDir: '', databaseUrl: engines.databases[0]! });
  const bucket = new BucketView(members[0]!.environment.STORAGE_URL!);
  const close = async () => {
    bucket.close();
    await probe.close();
  };
  return { probe, bucket, close };
}

/** Changes one field of one row. @returns what changes it back */
async function change(probe: Probe, table: string, where: string, field: string, to: string, key = 'id') {
  const [row] = await probe.rows<{ id: number; was: string | number | null }>(
    `SELECT ${key} AS id, ${field} AS was FROM ${table} WHERE ${where} ORDER BY ${key} LIMIT 1`,
  );
  if (!row) throw new Error(`No row of ${table} has ${where}`);
  await probe.run(`UPDATE ${table} SET ${field} = ${to} WHERE ${key} = ?`, [row.id]);
  return () => probe.run(`UPDATE ${table} SET ${field} = ? WHERE ${key} = ?`, [row.was, row.id]);
}

/** The first file that lives. */
async function first({ probe, bucket }: Damaged): Promise<{ key: string; bytes: Buffer }> {
  const [row] = await probe.rows<{ storageKey: string }>("SELECT storageKey FROM files WHERE state = 'live' LIMIT 1");
  return { key: row!.storageKey, bytes: (await bucket.bytes(row!.storageKey))! };
}

/** One of each kind that the checker knows. */
export const DAMAGES: Damage[] = [
  {
    title: 'an object that is lost',
    async make(drive) {
      const { key, bytes } = await first(drive);
      await drive.bucket.remove(key);
      return () => drive.bucket.put(key, bytes);
    },
    finding: /^I1 file \d+ is live without its bytes/,
  },
  {
    title: 'an object with other bytes',
    async make(drive) {
      const { key, bytes } = await first(drive);
      await drive.bucket.remove(key);
      await drive.bucket.put(key, Buffer.alloc(bytes.length, 1));
      return () => drive.bucket.put(key, bytes);
    },
    finding: /^I1 file \d+ is live without its bytes/,
  },
  {
    title: 'an object that belongs to nobody',
    async make({ bucket }) {
      const key = `ann/${'0'.repeat(32)}/left.bin`;
      await bucket.put(key, 'left');
      return () => bucket.remove(key);
    },
    finding: /^I2 the bytes at ann\/0+\/left.bin belong to no record/,
  },
  {
    title: 'an upload in parts that belongs to nobody',
    async make({ bucket }) {
      // Of somebody else's making as far as a sweep can tell: as old as it is, it is no day old.
      await bucket.beginParts(`ann/${'1'.repeat(32)}/parts.bin`);
      return () => bucket.endParts(`ann/${'1'.repeat(32)}/parts.bin`);
    },
    finding: /^I7 the temporary file parts of ann\/1+\/parts.bin is left/,
  },
  {
    title: 'an acknowledged file that is gone',
    make: ({ probe }) => change(probe, 'files', "state = 'live'", 'sha256', "'0'"),
    finding: /^I5 the acknowledged upload .* is not there/,
  },
  {
    title: 'one use more than a link allows',
    make: ({ probe }) => change(probe, 'accesses', 'ttl IS NOT NULL', 'uses', 'ttl + 1'),
    finding: /^I8 a link for \d+ uses: \d+ of \d+ served, \d+ counted/,
  },
  {
    title: 'one use fewer than were taken',
    make: ({ probe }) => change(probe, 'accesses', 'uses > 0', 'uses', 'uses - 1'),
    finding: /^I8 a link for \d+ uses/,
  },
  {
    title: 'a wrong usage',
    make: ({ probe }) => change(probe, 'users', 'usedBytes > 0', 'usedBytes', 'usedBytes + 1'),
    finding: /^I4 the counters of/,
  },
  {
    title: 'a broken chain of receipts',
    make: ({ probe }) => change(probe, 'receipts', 'sequence = 1', 'previousHash', "'00'", 'fileId'),
    finding: /^I10 the receipts of \w+ are broken at 1/,
  },
  {
    title: 'a receipt that is cut off',
    make: ({ probe }) => change(probe, 'users', 'receiptSequence > 0', 'receiptSequence', 'receiptSequence + 1'),
    finding: /^I10 the receipts of \w+ do not end at/,
  },
];
