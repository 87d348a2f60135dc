import type { BucketView } from '../support/bucket.js';
import type { Probe } from '../support/probe.js';
import { blobsIn, type DiskBlob, removalsSettled, temporaryFilesIn } from '../support/violations.js';

interface Row {
  readonly kind: 'local' | 's3';
  readonly state: string;
  readonly storageKey: string;
  readonly size: number;
  readonly sha256: string;
}

/** What is not as it must be of a drive that has bytes on a disk and in a bucket, at rest: each row where it says, and nothing else. */
export async function findMoveViolations(probe: Probe, dataDir: string, bucket: BucketView): Promise<string[]> {
  await removalsSettled(probe);
  const rows = await probe.rows<Row>(
    'SELECT s.kind, f.state, f.storageKey, f.size, f.sha256 FROM files f JOIN storages s ON s.id = f.storageId',
  );
  const waiting = await probe.rows<{ storageKey: string }>('SELECT storageKey FROM blobRemovals');
  return [
    ...compare('local', rows, blobsIn(dataDir)),
    ...compare('s3', rows, await bucket.blobs()),
    ...rows.filter(({ state }) => state !== 'live').map(({ storageKey }) => `pending ${storageKey}`),
    ...temporaryFilesIn(dataDir).map((name) => `temporary file ${name}`),
    ...(await bucket.unfinished()).map((name) => `in parts ${name}`),
    ...waiting.map(({ storageKey }) => `removal waits ${storageKey}`),
  ];
}

function compare(kind: Row['kind'], rows: readonly Row[], blobs: readonly DiskBlob[]): string[] {
  const there = new Map(blobs.map((blob) => [blob.key, blob]));
  const found: string[] = [];
  for (const { storageKey, size, sha256 } of rows.filter((row) => row.kind === kind)) {
    const blob = there.get(storageKey);
    if (blob?.size !== size || blob.sha256 !== sha256) found.push(`${kind} row without its bytes ${storageKey}`);
    there.delete(storageKey);
  }
  return [...found, ...[...there.keys()].map((key) => `${kind} bytes without a row ${key}`)];
}
