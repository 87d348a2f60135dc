import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fill, Mounts } from '../crash/support/mounts.js';
import { describeWith } from '../support/engines.js';
import { Server } from '../support/server.js';
import { until } from '../support/until.js';
import { Watcher } from './watcher.js';

/** MiB: of a disk that is nearly full when it is small there would be nothing to tell. */
const DISK = 64;

describeWith(['prometheus', 'tmpfs'], 'a Prometheus that watches the drive as deploy/ has it', (prometheus) => {
  const mounts = new Mounts();
  let server: Server;
  let watcher: Watcher;

  beforeAll(async () => {
    const environment = await Server.environment({ METRICS: '127.0.0.1' });
    mounts.disk(join(environment.DATA_DIR!, 'uploads'), DISK);
    server = await Server.start(environment);
    watcher = await Watcher.start(prometheus!, server.config.publicUrl);
  });
  afterAll(async () => {
    await watcher?.stop();
    await server?.kill('SIGTERM');
    mounts.release();
  });

  it('tells of a full disk, and no more once there is room', async () => {
    await until(async () => (await watcher.series('defdrive_storage_free_bytes'))?.length === 1);
    expect(await watcher.firing()).toEqual([]);
    const alice = await server.client.signUp('alice');
    const makeRoom = fill(join(server.config.dataDir, 'uploads'));
    expect((await alice.upload('a.bin', new Uint8Array(1_000_000))).status).toBe(507);
    await until(async () => (await watcher.firing()).includes('DiskIsFull'));
    makeRoom();
    expect((await alice.upload('a.bin', new Uint8Array(1_000_000))).status).toBe(200);
    await until(async () => !(await watcher.firing()).includes('DiskIsFull'));
  });
});
