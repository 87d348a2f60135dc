import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { Server } from '../support/server.js';
import { follow, share } from '../support/sharing.js';
import { until } from '../support/until.js';
import { Watcher } from './watcher.js';

interface Panel {
  readonly title: string;
  readonly description?: string;
  readonly targets?: readonly { readonly expr: string }[];
}

const { panels } = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../deploy/grafana/defdrive.json'), 'utf8'),
) as { panels: Panel[] };
const drawn = panels.filter(({ targets }) => targets !== undefined);

describeWith('prometheus', 'the dashboard, asked of a Prometheus that watches a drive in use', (prometheus) => {
  let server: Server;
  let watcher: Watcher;

  beforeAll(async () => {
    server = await Server.start(await Server.environment({ METRICS: '127.0.0.1' }));
    const alice = await server.client.signUp('alice');
    const once = await share(alice, { oneTimeUse: true });
    for (let n = 0; n < 2; n += 1) await follow(once.link);
    await (await alice.fetch(`/api/files/${once.file.id}/content`)).arrayBuffer();
    await alice.delete(`/api/files/${once.file.id}`);
    await alice.post('/api/login', { username: 'alice', password: 'wrong password' });
    watcher = await Watcher.start(prometheus!, server.config.publicUrl);
    // A rate is of two looks at least.
    await until(async () => (await watcher.series('rate(process_cpu_seconds_total[5m])'))?.length === 1);
  });
  afterAll(async () => {
    await watcher?.stop();
    await server?.kill('SIGTERM');
  });

  it.each(drawn.map((panel) => [panel.title, panel] as const))('%s', async (_title, { description, targets }) => {
    const found = await Promise.all(targets!.map(({ expr }) => watcher.series(expr)));
    expect(found.every((series) => series !== undefined)).toBe(true);
    const isEmpty = found.every((series) => series!.length === 0);
    // Faults there are none, and the panel says so.
    expect(isEmpty).toBe(description === 'Empty is good.');
  });

  it('and has an id and a place of its own for each panel', () => {
    const places = panels.map((panel) => JSON.stringify((panel as unknown as { gridPos: object }).gridPos));
    expect(new Set(places).size).toBe(panels.length);
    expect(new Set(panels.map((panel) => (panel as unknown as { id: number }).id)).size).toBe(panels.length);
  });
});
