import { execFileSync } from 'node:child_process';
import { AUDITED } from '@app/telemetry';
import { expect, it } from 'vitest';

/** Who looks for an event that nobody tells any more would never find one. */
it('every event that is written down is told somewhere', () => {
  const sources = execFileSync('grep', ['-rhoE', "event: '[a-z-]+'", '--include=*.ts', 'libs', 'apps'], {
    encoding: 'utf8',
  });
  const told = new Set([...sources.matchAll(/'([a-z-]+)'/g)].map(([, event]) => event));
  expect([...AUDITED.keys()].filter((event) => !told.has(event))).toEqual([]);
});
