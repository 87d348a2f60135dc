import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fill, Mounts } from '../crash/support/mounts.js';
import { temporaryDirectory } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { freePort } from '../support/ports.js';
import { Server } from '../support/server.js';
import { until } from '../support/until.js';

const DEPLOY = join(import.meta.dirname, '../../deploy/prometheus');
/** MiB: of a disk that is nearly full when it is small there would be nothing to tell. */
const DISK = 64;

describeWith(['prometheus', 'tmpfs'], 'a Prometheus that watches the drive as deploy/ has it', (prometheus) => {
  const mounts = new Mounts();
  let server: Server;
  let watcher: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const environment = await Server.environment({ METRICS: '127.0.0.1' });
    mounts.disk(join(environment.DATA_DIR!, 'uploads'), DISK);
    server = await Server.start(environment);
    const directory = temporaryDirectory();
    const [port, config] = [await freePort(), join(directory, 'prometheus.yml')];
    url = `http://127.0.0.1:${port}`;
    const example = readFileSync(join(DEPLOY, 'prometheus.yml'), 'utf8');
    const changed = example
      .replace('127.0.0.1:3000', new URL(server.config.publicUrl).host)
      .replace('[defdrive.rules.yml]', `[${join(DEPLOY, 'defdrive.rules.yml')}]`);
    writeFileSync(config, `global: { scrape_interval: 1s, evaluation_interval: 1s }\n${changed}`);
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${directory}/data`];
    watcher = spawn(prometheus!, [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  });
  afterAll(async () => {
    const ended = watcher && once(watcher, 'exit');
    watcher?.kill();
    await ended;
    await server?.kill('SIGTERM');
    mounts.release();
  });

  const ask = async (path: string): Promise<any> => {
    const answer = await fetch(`${url}/api/v1/${path}`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as { data: any }).data : undefined;
  };
  const firing = async (): Promise<string[]> => {
    const { alerts } = (await ask('alerts')) ?? { alerts: [] };
    return alerts.filter(({ state }: any) => state === 'firing').map(({ labels }: any) => labels.alertname);
  };

  it('tells of a full disk, and no more once there is room', async () => {
    await until(async () => (await ask('query?query=defdrive_storage_free_bytes'))?.result.length === 1);
    expect(await firing()).toEqual([]);
    const alice = await server.client.signUp('alice');
    const makeRoom = fill(join(server.config.dataDir, 'uploads'));
    expect((await alice.upload('a.bin', new Uint8Array(1_000_000))).status).toBe(507);
    await until(async () => (await firing()).includes('DiskIsFull'));
    makeRoom();
    expect((await alice.upload('a.bin', new Uint8Array(1_000_000))).status).toBe(200);
    await until(async () => !(await firing()).includes('DiskIsFull'));
  });
});
