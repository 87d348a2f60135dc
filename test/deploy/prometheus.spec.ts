import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';

const DEPLOY = join(import.meta.dirname, '../../deploy');
const RULES = join(DEPLOY, 'prometheus/defdrive.rules.yml');
const text = (path: string) => readFileSync(join(DEPLOY, path), 'utf8');

describe('what watches the drive', () => {
  let metrics: string;
  const drive = driveFixture({ METRICS: '127.0.0.1' });
  beforeAll(async () => {
    const alice = await drive.signUp('alice');
    await alice.file('one');
    metrics = await (await drive.anonymous().fetch('/api/metrics')).text();
  });

  it.each(['prometheus/defdrive.rules.yml', 'grafana/defdrive.json'])(
    '%s asks for nothing that is not told',
    (path) => {
      const asked = new Set(text(path).match(/\b(defdrive|nodejs|process)_[a-z0-9_]+/g));
      asked.delete('defdrive_json');
      expect(asked.size).toBeGreaterThan(5);
      for (const name of asked) expect(metrics).toMatch(new RegExp(`^${name}(\\{| )|^# TYPE ${name} `, 'm'));
    },
  );

  it('shows or watches all that is told', () => {
    const watching = text('prometheus/defdrive.rules.yml') + text('grafana/defdrive.json');
    const told = [...metrics.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!);
    expect(told.length).toBeGreaterThan(40);
    const isAsked = (name: string) => new RegExp(`\\b${name}(_bucket|_count|_sum)?\\b`).test(watching);
    expect(told.filter((name) => !isAsked(name))).toEqual([]);
  });

  it('asks for no event that nobody tells', () => {
    const sources = execFileSync('grep', ['-rhoE', "event: '[a-z-]+'", '--include=*.ts', 'libs', 'apps'], {
      encoding: 'utf8',
    });
    const told = new Set([...sources.matchAll(/'([a-z-]+)'/g)].map(([, event]) => event));
    const watching = text('prometheus/defdrive.rules.yml') + text('grafana/defdrive.json');
    const asked = [...watching.matchAll(/\bevent=~?\\?"([^"\\]+)/g)].flatMap(([, events]) => events!.split('|'));
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((event) => !event.includes('*') && !told.has(event))).toEqual([]);
  });

  describeWith('promtool', 'Prometheus', (promtool) => {
    it('takes the rules and the configuration', () => {
      expect(execFileSync(promtool!, ['check', 'rules', RULES], { encoding: 'utf8' })).toContain('10 rules found');
      const file = join(DEPLOY, 'prometheus/prometheus.yml');
      execFileSync(promtool!, ['check', 'config', '--lint=none', file], { stdio: 'ignore' });
    });

    it('wakes for what it should, and for nothing else', () => {
      execFileSync(promtool!, ['test', 'rules', RULES.replace('.yml', '.test.yml')], { stdio: 'pipe' });
    });

    it('finds nothing wrong with what it is told', () => {
      const own = metrics.split('\n').filter((line) => line.includes('defdrive_'));
      execFileSync(promtool!, ['check', 'metrics'], { input: `${own.join('\n')}\n` });
    });
  });
});
