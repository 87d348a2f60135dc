import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const BUILT = new URL('../../../dist/libs/storage/src/', import.meta.url).href;

/** 400 MiB, in chunks like those that Node's parser makes or by the parser itself. */
const UPLOAD = `
  import { openSync } from 'node:fs';
  import { descriptor } from '${BUILT}local/descriptor.js';
  import { LocalBlobWriter } from '${BUILT}local/local-blob-writer.js';
  import { wholeHash } from '${BUILT}local/upload-hashes.js';

  const nothing = () => Promise.resolve();
  descriptor.sync = nothing;
  const place = { assertRoom: nothing, syncTemporary: nothing, publish: nothing, discard: nothing };
  const writer = new LocalBlobWriter(openSync('/dev/null', 'w'), place, wholeHash());
  begin();
  for (let sent = 0; sent < CHUNKS; sent += 1) await writer.write(Buffer.allocUnsafeSlow(SIZE));
  await end();
  await writer.close();`;
const DOWNLOAD_FROM_A_STORE = `
  import { once } from 'node:events';
  import { createServer, get } from 'node:http';
  import { Readable } from 'node:stream';
  import { S3BlobStream } from '${BUILT}s3/s3-blob-stream.js';

  const sent = Array(CHUNKS).fill(Buffer.alloc(SIZE));
  const store = createServer((_request, answer) => Readable.from(sent).pipe(answer)).listen(0, '127.0.0.1');
  await once(store, 'listening');
  const [body] = await once(get({ host: '127.0.0.1', port: store.address().port }), 'response');
  begin();
  for await (const part of new S3BlobStream(() => undefined, 0, CHUNKS * SIZE - 1, body));
  await end();
  store.close();`;

/** Prints how often everything was collected between `begin` and `end`. */
const COUNTED = `
  import 'reflect-metadata';
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  import { setTimeout as delay } from 'node:timers/promises';

  const [CHUNKS, SIZE] = [6400, 64 * 1024];
  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) collections += detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
  });
  const begin = () => observer.observe({ entryTypes: ['gc'] });
  const end = () => delay(0).then(() => process.stdout.write(String(collections)));`;

const collectionsOf = async (way: string, ...flags: string[]) => {
  const args = [...flags, '--input-type=module', '-e', COUNTED + way];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return Number(stdout);
};

it('spares a big upload nearly all collections of everything', async () => {
  expect(await collectionsOf(UPLOAD)).toBeLessThan(3);
});

it('does so too where the engine lets the heap grow by little, as it does once a process had nothing to do', async () => {
  expect(await collectionsOf(UPLOAD, '--heap-growing-percent=30')).toBeLessThan(6);
});

it('spares a big download from a store as many', async () => {
  expect(await collectionsOf(DOWNLOAD_FROM_A_STORE)).toBeLessThan(3);
});
