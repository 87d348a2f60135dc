import type { Setting } from './setting.js';
import { orOff, time } from './values.js';

/** How a server ends. */
export const STOP_SETTINGS = {
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
