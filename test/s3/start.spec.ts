import { beforeAll, describe, expect, it } from 'vitest';
import { createBucket } from '../support/ceph.js';
import { Server } from '../support/server.js';
import { onS3 } from '../support/store.js';

describe.skipIf(!onS3())('a drive that has its bytes in a store', { timeout: 90_000 }, () => {
  let environment: NodeJS.ProcessEnv;
  beforeAll(async () => {
    environment = await Server.environment();
    await (await Server.start(environment)).kill('SIGTERM');
  });

  it.each([
    ['another bucket', async () => createBucket(environment.STORAGE_URL!), /carries no id: is it another one/],
    [
      'a bucket that is not there',
      async () => environment.STORAGE_URL!.replace(/\/b\w+\?/, '/nowhere?'),
      /NoSuchBucket/,
    ],
    ['a wrong secret', async () => environment.STORAGE_URL!.replace(/:test[^@]+@/, ':wrong@'), /SignatureDoesNotMatch/],
    ['no store', async () => environment.STORAGE_URL!.replace(/@[^/]+\//, '@127.0.0.1:1/'), /ECONNREFUSED/],
  ])('does not start with %s, and says so in a sentence', async (_what, url, sentence) => {
    const other = Server.spawn({ ...environment, STORAGE_URL: await url(), START_WAIT: 'off' });
    expect((await other.ended).code).toBe(1);
    expect(other.output).toMatch(/DefDrive cannot start: /);
    expect(other.output).toMatch(sentence);
    expect(other.output).not.toContain('secret');
  });
});
