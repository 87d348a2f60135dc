import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { freePort } from '../support/ports.js';

const DEPLOY = join(import.meta.dirname, '../../deploy/prometheus');

/** A real Prometheus that watches a drive by the example of `deploy/`, only more often. */
export class Watcher {
  private constructor(
    private readonly process: ChildProcess,
    private readonly url: string,
  ) {}

  /** @param drive the address that the drive has */
  static async start(prometheus: string, drive: string): Promise<Watcher> {
    const directory = temporaryDirectory();
    const [port, config] = [await freePort(), join(directory, 'prometheus.yml')];
    const example = readFileSync(join(DEPLOY, 'prometheus.yml'), 'utf8');
    const changed = example
      .replace('127.0.0.1:3000', new URL(drive).host)
      .replace('[defdrive.rules.yml]', `[${join(DEPLOY, 'defdrive.rules.yml')}]`);
    writeFileSync(config, `global: { scrape_interval: 1s, evaluation_interval: 1s }\n${changed}`);
    const args = [`--config.file=${config}`, `--storage.tsdb.path=${directory}/data`];
    const child = spawn(prometheus, [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
    return new Watcher(child, `http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    const ended = once(this.process, 'exit');
    this.process.kill();
    await ended;
  }

  /** @returns the series that an expression gives now; undefined where it is refused, or nobody answers yet */
  async series(expression: string): Promise<readonly unknown[] | undefined> {
    const found = await this.ask<{ result: unknown[] }>(`query?query=${encodeURIComponent(expression)}`);
    return found?.result;
  }

  /** The names of the alerts that go off now. */
  async firing(): Promise<string[]> {
    type Alerts = { alerts: { state: string; labels: Record<string, string> }[] };
    const { alerts } = (await this.ask<Alerts>('alerts')) ?? { alerts: [] };
    return alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels.alertname!);
  }

  private async ask<T>(path: string): Promise<T | undefined> {
    const answer = await fetch(`${this.url}/api/v1/${path}`).catch(() => undefined);
    return answer?.ok ? ((await answer.json()) as { data: T }).data : undefined;
  }
}
