import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BucketView } from './bucket.js';
import type { Probe } from './probe.js';
import { until } from './until.js';

/** A blob as it lies on the disk. */
export interface DiskBlob {
  /** `<owner>/<name>` */
  readonly key: string;
  readonly size: number;
  readonly sha256: string;
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The blobs below a data directory, by key. What is not published does not count. */
export function blobsIn(dataDir: string): DiskBlob[] {
  const root = join(dataDir, 'uploads');
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name: owner }) => readdirSync(join(root, owner)).map((name) => ({ owner, name })))
    .map(({ owner, name }) => {
      const bytes = readFileSync(join(root, owner, name));
      return { key: `${owner}/${name}`, size: bytes.length, sha256: sha256(bytes) };
    })
    .toSorted((one, other) => (one.key < other.key ? -1 : 1));
}

/** Names of uploads that are not published. */
export function temporaryFilesIn(dataDir: string): string[] {
  return readdirSync(join(dataDir, 'uploads', '.tmp'));
}

/** Resolves once no removal waits that has not failed. */
export async function removalsSettled(probe: Probe): Promise<void> {
  await until(async () => (await probe.rows('SELECT id FROM blobRemovals WHERE attempts = 0')).length === 0);
}

interface FileRow {
  ownerId: number;
  state: string;
  storageKey: string;
  extension: string;
  size: number;
  sha256: string;
}

/**
 * What must hold of every drive at rest, looked at from outside: rows and bytes agree in both directions, nothing is
 * half done, no access is without its file, and the counters are the sums of the rows.
 */
export async function findViolations(probe: Probe, dataDir: string, bucket?: BucketView): Promise<string[]> {
  const files = await probe.rows<FileRow>('SELECT ownerId, state, storageKey, extension, size, sha256 FROM files');
  const types = await probe.rows<TypeRow>('SELECT * FROM fileTypes');
  const orphans = await probe.rows('SELECT id FROM accesses WHERE fileId NOT IN (SELECT id FROM files)');
  const removals = await probe.rows<{ storageKey: string }>('SELECT storageKey FROM blobRemovals');
  const waiting = new Set(removals.map(({ storageKey }) => storageKey));
  return [
    ...files.filter(({ state }) => state !== 'live').map(({ storageKey }) => `pending ${storageKey}`),
    ...compare(files, bucket ? await bucket.blobs() : blobsIn(dataDir), waiting),
    ...(bucket ? await bucket.unfinished() : temporaryFilesIn(dataDir)).map((name) => `temporary file ${name}`),
    ...orphans.map(() => 'an access without its file'),
    ...(await wrongCounters(probe, files)),
    ...miscountedTypes(files, types).map((type) => `count of files by extension of user ${type}`),
  ];
}

function compare(files: FileRow[], blobs: DiskBlob[], waiting: ReadonlySet<string>): string[] {
  const unclaimed = new Map(blobs.map((blob) => [blob.key, blob]));
  const found: string[] = [];
  for (const { storageKey, size, sha256 } of files) {
    const blob = unclaimed.get(storageKey);
    if (blob?.size !== size || blob.sha256 !== sha256) found.push(`row without its bytes ${storageKey}`);
    unclaimed.delete(storageKey);
  }
  const unknown = [...unclaimed.keys()].filter((key) => !waiting.has(key));
  return [...found, ...unknown.map((key) => `bytes without a row ${key}`)];
}

async function wrongCounters(probe: Probe, files: FileRow[]): Promise<string[]> {
  const users = await probe.rows<{ id: number; usedFiles: number; usedBytes: number }>('SELECT * FROM users');
  return users
    .filter(({ id, usedFiles, usedBytes }) => {
      const own = files.filter(({ ownerId, state }) => ownerId === id && state === 'live');
      return usedFiles !== own.length || usedBytes !== own.reduce((sum, { size }) => sum + size, 0);
    })
    .map(({ id }) => `counters of user ${id}`);
}

/** How many live files of an extension are counted. */
export interface TypeRow {
  ownerId: number;
  extension: string;
  files: number;
  /** MariaDB gives it as text. */
  bytes: number | string;
}

/** Each owner's files are counted by their extensions; and what there is none of is not counted, for it is a part of a name. */
export function miscountedTypes(
  files: readonly Pick<FileRow, 'ownerId' | 'state' | 'extension' | 'size'>[],
  counted: readonly TypeRow[],
): string[] {
  const there = new Map<string, { files: number; bytes: number }>();
  for (const { ownerId, extension, size } of files.filter(({ state }) => state === 'live')) {
    const { files: before, bytes } = there.get(`${ownerId} .${extension}`) ?? { files: 0, bytes: 0 };
    there.set(`${ownerId} .${extension}`, { files: before + 1, bytes: bytes + size });
  }
  const wrong = counted.filter(({ ownerId, extension, files: count, bytes }) => {
    const actual = there.get(`${ownerId} .${extension}`);
    there.delete(`${ownerId} .${extension}`);
    return actual?.files !== count || actual.bytes !== Number(bytes);
  });
  return [...wrong.map(({ ownerId, extension }) => `${ownerId} .${extension}`), ...there.keys()];
}
