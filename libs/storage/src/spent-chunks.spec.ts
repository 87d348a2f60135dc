import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const BUILT = new URL('../../../dist/libs/storage/src/local/', import.meta.url).href;

/** Writes 400 MiB in chunks like those that Node's parser makes; prints how often everything was collected meanwhile. */
const SCRIPT = `
  import 'reflect-metadata';
  import { openSync } from 'node:fs';
  import { constants, PerformanceObserver } from 'node:perf_hooks';
  import { setTimeout as delay } from 'node:timers/promises';
  import { descriptor } from '${BUILT}descriptor.js';
  import { LocalBlobWriter } from '${BUILT}local-blob-writer.js';
  import { wholeHash } from '${BUILT}upload-hashes.js';

  let collections = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries()) collections += detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR;
  });
  const nothing = () => Promise.resolve();
  descriptor.sync = nothing;
  const place = { assertRoom: nothing, syncTemporary: nothing, publish: nothing, discard: nothing };
  const writer = new LocalBlobWriter(openSync('/dev/null', 'w'), place, wholeHash());
  observer.observe({ entryTypes: ['gc'] });
  for (let chunks = 0; chunks < 6400; chunks += 1) await writer.write(Buffer.allocUnsafeSlow(64 * 1024));
  await delay(0);
  process.stdout.write(String(collections));
  await writer.close();`;

const collectionsOf = async (...flags: string[]) => {
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, '--input-type=module', '-e', SCRIPT]);
  return Number(stdout);
};

it('spares a big upload nearly all collections of everything', async () => {
  expect(await collectionsOf()).toBeLessThan(3);
});

it('does so too where the engine lets the heap grow by little, as it does once a process had nothing to do', async () => {
  expect(await collectionsOf('--heap-growing-percent=30')).toBeLessThan(6);
});
