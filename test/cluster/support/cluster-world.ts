import type { UploadRow, World } from '../../crash/support/world.js';
import { readOpen, readRecords } from '../../crash/support/world.js';
import { BucketView } from '../../support/bucket.js';
import { openProbe, type Probe } from '../../support/probe.js';
import { sha256 } from '../../support/violations.js';

/**
 * What is removed once more long after an upload was undone, lest a request that was under way then arrive late: it has
 * never been tried, and is not due. There are no bytes for it, or the checker says so.
 */
const PRECAUTION = 'attempts = 0 AND nextAttemptAt > UNIX_TIMESTAMP() * 1000';

/** A drive as it lies in database and bucket, read without any of its own code. */
export class ClusterWorld {
  private readonly bucket: BucketView;
  /** Of objects that were read: no key is ever used twice, and the checker would read the same again and again. */
  private readonly read = new Map<string, { size: number; sha256: string }>();

  constructor(
    private readonly databaseUrl: string,
    storageUrl: string,
  ) {
    this.bucket = new BucketView(storageUrl);
  }

  async look(): Promise<World> {
    const probe = await this.open();
    try {
      const records = await readRecords((sql) => probe.rows(sql));
      const removals = await probe.rows<World['removals'][0]>(
        `SELECT id, fileId, storageKey, attempts FROM blobRemovals WHERE NOT (${PRECAUTION})`,
      );
      return { ...records, removals, blobs: await this.blobs(), temporary: await this.unfinished(records) };
    } finally {
      await probe.close();
    }
  }

  /** Looks at all bytes anew. */
  forget(): void {
    this.read.clear();
  }

  /** Whether no record says that something is left to do. */
  async isDrained(): Promise<boolean> {
    const probe = await this.open();
    try {
      return (await readOpen((sql) => probe.rows(sql), `NOT (${PRECAUTION})`)).rest === 0;
    } finally {
      await probe.close();
    }
  }

  /** Resolves when the store takes and gives. @throws Error while it does not */
  async answers(): Promise<void> {
    await this.bucket.put('.probes/cluster', 'here');
    await this.bucket.remove('.probes/cluster');
  }

  close(): void {
    this.bucket.close();
  }

  /** To see what was committed at any node. */
  private async open(): Promise<Probe> {
    const probe = await openProbe({ dataDir: '', databaseUrl: this.databaseUrl });
    await probe.run('SET SESSION wsrep_sync_wait = 1');
    return probe;
  }

  private async blobs(): Promise<World['blobs']> {
    const keys = await this.bucket.objects();
    const there = new Map<string, { size: number; sha256: string }>();
    for (const key of keys.filter((each) => !each.startsWith('.'))) {
      const known = this.read.get(key) ?? (await this.sum(key));
      if (known) there.set(key, known);
    }
    this.read.clear();
    for (const [key, sum] of there) this.read.set(key, sum);
    return there;
  }

  private async sum(key: string): Promise<{ size: number; sha256: string } | undefined> {
    const bytes = await this.bucket.bytes(key);
    return bytes && { size: bytes.length, sha256: sha256(bytes) };
  }

  /** By the id of the file to come, or by what they are where there is none. */
  private async unfinished({
    files,
  }: Pick<World, 'files'> & { uploads: UploadRow[] }): Promise<Map<string, undefined>> {
    const ids = new Map(files.filter(({ state }) => state !== 'live').map(({ id, storageKey }) => [storageKey, id]));
    const parts = (await this.bucket.multiparts()).map((key) => String(ids.get(key) ?? `parts of ${key}`));
    const states = (await this.bucket.objects()).filter((key) => key.startsWith('.uploads/'));
    return new Map([...parts, ...states.map((key) => key.split('/')[1]!)].map((name) => [name, undefined]));
  }
}
