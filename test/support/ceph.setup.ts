import { writeSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { Ceph } from './ceph.js';
import { engine, enginesRequired, missing } from './engines.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The URL of a store in which drives of tests have their buckets; none with `BLOBS=disk`. */
    store: string | undefined;
  }
}

/** `BLOBS=s3`: one Ceph for the whole run. Without it the run is skipped with one line, or fails with `REQUIRE_ENGINES=1`. */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const column = process.env.BLOBS ?? 'disk';
  if (!['disk', 's3'].includes(column)) throw new Error('BLOBS must be disk or s3');
  if (column === 'disk') {
    project.provide('store', undefined);
    return undefined;
  }
  if (!engine('ceph')) {
    const line = missing('BLOBS=s3', 'ceph');
    if (enginesRequired()) throw new Error(line);
    writeSync(2, `${line}\n`);
    process.exit(0);
  }
  const ceph = await Ceph.start();
  project.provide('store', ceph.url(''));
  return () => ceph.stop();
}
