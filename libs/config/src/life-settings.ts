import type { Setting } from './setting.js';
import { orOff, time } from './values.js';

/** How a server begins, and how it ends. */
export const LIFE_SETTINGS = {
  startWaitMs: {
    variable: 'START_WAIT',
    parse: orOff(time('1d')),
    byDefault: '1m',
    about: 'how long a start waits for a database server or a store that is away, before it fails; `off` never waits',
  },
  stopGraceMs: {
    variable: 'STOP_GRACE',
    parse: time('1h'),
    byDefault: '8s',
    about: 'how long answers under way may take when the server is stopped; Docker waits for 10 s',
  },
  stopDelayMs: {
    variable: 'STOP_DELAY',
    parse: orOff(time('1h')),
    byDefault: 'off',
    about:
      'how long readiness says no before it stops, for proxies to send it nothing more: [CLUSTER.md](docs/CLUSTER.md)',
  },
} as const satisfies Record<string, Setting<unknown>>;
