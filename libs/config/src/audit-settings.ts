import type { Setting } from './setting.js';
import { oneOf, time } from './values.js';

/** What is written down of who did what. */
export const AUDIT_SETTINGS = {
  audit: {
    variable: 'AUDIT',
    parse: oneOf('on', 'off'),
    byDefault: 'on',
    about: '`off`: who did what is written down nowhere but in the log',
  },
  auditKeepMs: {
    variable: 'AUDIT_KEEP',
    parse: time('3660d'),
    byDefault: '90d',
    about: 'how long `DATA_DIR/audit` keeps it',
  },
  auditAddress: {
    variable: 'AUDIT_ADDRESS',
    parse: oneOf('full', 'network', 'none'),
    byDefault: 'full',
    about: 'how much of an address it and the log keep: `network` is a /24, of IPv6 a /48',
  },
} as const satisfies Record<string, Setting<unknown>>;
