import { resolve } from 'node:path';
import type { Setting } from './setting.js';
import { anyText, listOf, metricsReaders, network, oneOf, origin, rate, size, time, wholeNumber } from './values.js';
import { STORAGE_SETTINGS } from './storage-settings.js';
import { AUDIT_SETTINGS } from './audit-settings.js';
import { OIDC_SETTINGS } from './oidc-settings.js';
import { LIFE_SETTINGS } from './life-settings.js';
import { databaseUrl, given, keySeed, publicUrl, signingSecret, withoutPassword } from './secrets-and-urls.js';

type Given<Value> = Setting<Value> & { readonly byDefault: string };

const LEASE = 'how long a server of MariaDB or MySQL may be silent before it counts as dead, and others take over';

/** Every setting, by the name of its field in `AppConfig`, in README's order. */
export const SETTINGS = {
  host: { variable: 'HOST', parse: anyText, byDefault: '127.0.0.1', about: 'the address where it listens' },
  port: { variable: 'PORT', parse: wholeNumber(0, 65_535), byDefault: '3000', about: 'the port where it listens' },
  publicUrl: {
    variable: 'PUBLIC_URL',
    parse: publicUrl,
    absent: '`http://HOST:PORT`',
    about: 'what links begin with; must be given when `HOST` is not a loopback address',
  },
  dataDir: {
    variable: 'DATA_DIR',
    parse: (text) => resolve(text),
    byDefault: './data',
    about: 'database, `uploads/`, the generated secrets and the lock',
    show: (text) => resolve(text),
  },
  databaseUrl: {
    variable: 'DATABASE_URL',
    parse: databaseUrl,
    absent: 'SQLite in `DATA_DIR`',
    about: '`mysql://user:password@host:port/name` for MariaDB and MySQL',
    show: withoutPassword,
  },
  ...STORAGE_SETTINGS,
  serverLeaseMs: { variable: 'SERVER_LEASE', parse: time('10m'), byDefault: '30s', about: LEASE },
  jwtSecret: {
    variable: 'JWT_SECRET',
    parse: signingSecret,
    absent: 'generated into `DATA_DIR`',
    about: 'signs tokens; at least 32 bytes',
    show: given,
  },
  jwtTtlMs: {
    variable: 'JWT_TTL',
    parse: time('72h'),
    byDefault: '24h',
    about: 'how long a token lives; at most `72h`',
  },
  sessionTtlMs: {
    variable: 'SESSION_TTL',
    // Browsers keep a cookie no longer.
    parse: time('400d'),
    byDefault: '30d',
    about: 'how long a browser stays logged in from its last use; at most `400d`',
  },
  trustedProxies: {
    variable: 'TRUSTED_PROXIES',
    parse: listOf(network),
    byDefault: '',
    about: 'addresses or networks, with commas between, whose `X-Forwarded-For` is believed',
  },
  corsOrigins: {
    variable: 'CORS_ORIGINS',
    parse: listOf(origin),
    byDefault: '',
    about: 'exact origins, with commas between',
  },
  maxFileSize: {
    variable: 'MAX_FILE_SIZE',
    parse: size(1),
    absent: "the owner's room",
    about: 'the size of the largest file',
  },
  defaultMaxFiles: {
    variable: 'DEFAULT_MAX_FILES',
    parse: wholeNumber(0, 2_147_483_647),
    byDefault: '100',
    about: 'files that a new account may have',
  },
  defaultMaxStorage: {
    variable: 'DEFAULT_MAX_STORAGE',
    parse: size(0),
    byDefault: '1GiB',
    about: 'what they may take together',
  },
  newDrive: {
    variable: 'NEW_DRIVE',
    parse: oneOf('make', 'refuse'),
    byDefault: 'make',
    about: '`refuse`: a start without a drive in `DATA_DIR` fails, as when its disk is not mounted',
  },
  signUp: {
    variable: 'SIGNUP',
    parse: oneOf('open', 'closed'),
    byDefault: 'open',
    about: '`closed`: only admins create accounts',
  },
  ...OIDC_SETTINGS,
  loginLimit: {
    variable: 'LOGIN_LIMIT',
    parse: rate,
    byDefault: '10/15m',
    about: 'failed log-ins for a name and address',
  },
  signUpLimit: { variable: 'SIGNUP_LIMIT', parse: rate, byDefault: '20/1h', about: 'accounts made from an address' },
  linkLimit: {
    variable: 'LINK_LIMIT',
    parse: rate,
    byDefault: '60/1m',
    about: 'unknown links asked for from an address',
  },
  uploadsInFlight: {
    variable: 'UPLOADS_IN_FLIGHT',
    parse: wholeNumber(1, 1024),
    byDefault: '32',
    about: 'uploads at once; more wait their turn',
  },
  uploadTtlMs: {
    variable: 'UPLOAD_TTL',
    parse: time('366d'),
    byDefault: '7d',
    about: 'how long an unfinished resumable upload is kept, from its last byte',
  },
  receipts: {
    variable: 'RECEIPTS',
    parse: oneOf('on', 'off'),
    byDefault: 'on',
    about: '`off`: deletes leave no receipts',
  },
  receiptKey: {
    variable: 'RECEIPT_KEY',
    parse: keySeed,
    absent: 'generated into `DATA_DIR`',
    about: 'signs receipts; 32 random bytes in base64',
    show: given,
  },
  web: {
    variable: 'WEB',
    parse: oneOf('on', 'off'),
    byDefault: 'on',
    about: 'whether the page for people is served',
  },
  ...LIFE_SETTINGS,
  metrics: {
    variable: 'METRICS',
    parse: metricsReaders,
    byDefault: 'off',
    about: '`on`: admins may read `GET /api/metrics`; addresses or networks, with commas between, may without a token',
  },
  ...AUDIT_SETTINGS,
  logLevel: {
    variable: 'LOG_LEVEL',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
    byDefault: 'info',
    about: '`trace` to `silent`',
  },
} as const satisfies Record<string, Setting<unknown>>;

type Table = typeof SETTINGS;

/** The values of all settings. */
export type Settings = {
  readonly [Field in keyof Table]: Table[Field] extends Given<unknown>
    ? ReturnType<Table[Field]['parse']>
    : ReturnType<Table[Field]['parse']> | undefined;
};
