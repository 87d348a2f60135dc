import { mkdirSync, renameSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { VERSION } from '@app/config';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { published } from '../support/published.js';
import { until } from '../support/until.js';

let alice: Client;

const drive = driveFixture({}, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

describe('health', () => {
  it('is asked without a token, also by many at once', async () => {
    expect((await drive.anonymous().get('/api/health')).body).toEqual({ status: 'ok', version: VERSION });
    const answers = await Promise.all(Array.from({ length: 30 }, () => drive.anonymous().get('/api/health/ready')));
    for (const { status, body } of answers) expect([status, body]).toEqual([200, { status: 'ok', removalsFailing: 0 }]);
    expect(await drive.temporaryFiles()).toEqual([]);
  });

  it('says that the drive is not ready while its uploads are away, and that it is when they are back', async () => {
    const uploads = join(drive.config.dataDir, 'uploads');
    renameSync(uploads, `${uploads}.away`);
    for (const empty of [false, true]) {
      if (empty) mkdirSync(uploads);
      const { status, headers, body } = await drive.anonymous().get('/api/health/ready');
      expect([status, headers.get('retry-after'), body]).toEqual([
        503,
        '5',
        {
          ...published('Service unavailable'),
          details: { database: 'ok', storage: 'failing' },
          requestId: headers.get('x-request-id'),
        },
      ]);
      expect((await drive.anonymous().get('/api/health')).status).toBe(200);
    }
    rmdirSync(uploads);
    renameSync(`${uploads}.away`, uploads);
    expect((await drive.anonymous().get('/api/health/ready')).status).toBe(200);
  });

  it('counts the deletes that are not whole yet', async () => {
    const file = await alice.file('stuck.txt');
    const path = join(drive.config.dataDir, 'uploads', file.location);
    renameSync(path, `${path}.aside`);
    mkdirSync(path);
    expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(500);
    expect((await drive.anonymous().get('/api/health/ready')).body).toEqual({ status: 'ok', removalsFailing: 1 });
    rmdirSync(path);
    renameSync(`${path}.aside`, path);
    await until(async () => (await drive.anonymous().get('/api/health/ready')).body.removalsFailing === 0);
    expect(await drive.violations()).toEqual([]);
  });
});
