import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppConfig, showSettings } from './app-config.js';
import { ConfigError } from './config-error.js';
import { SETTINGS } from './settings.js';

const MINUTE = 60_000;
const RECEIPT_KEY = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=';
const SECRET = 'kJ8vYq2nX5rT9wB3mZ7cF1hL6pD4sG0a';

const STORE = {
  ...{ endpoint: 'https://h:9000', bucket: 'bucket', region: 'us-east-1' },
  ...{ accessKeyId: 'k', secretAccessKey: 's/' },
};

/** Variable, field, what it is without the variable, a good value, what it gives. */
const GOOD: [string, keyof AppConfig, unknown, string, unknown][] = [
  ['HOST', 'host', '127.0.0.1', '::1', '::1'],
  ['PORT', 'port', 3000, '8080', 8080],
  ['PORT', 'port', 3000, '0', 0],
  ['PUBLIC_URL', 'publicUrl', 'http://127.0.0.1:3000', 'https://drive.example.org', 'https://drive.example.org'],
  ['PUBLIC_URL', 'publicUrl', 'http://127.0.0.1:3000', 'https://example.org/drive//', 'https://example.org/drive'],
  ['PUBLIC_URL', 'publicUrl', 'http://127.0.0.1:3000', 'http://[::1]:80', 'http://[::1]:80'],
  ['DATA_DIR', 'dataDir', resolve('data'), '/srv/drive', '/srv/drive'],
  ['DATABASE_URL', 'databaseUrl', undefined, 'mysql://u:p%2F@h:3306/d', 'mysql://u:p%2F@h:3306/d'],
  ['DATABASE_URL', 'databaseUrl', undefined, 'mariadb://u@h/d', 'mariadb://u@h/d'],
  ['STORAGE_URL', 'storageUrl', undefined, 's3://k:s%2F@h:9000/bucket', STORE],
  [
    ...(['STORAGE_URL', 'storageUrl', undefined, 's3://k:s%2F@h:9000/bucket?region=eu&tls=off'] as const),
    { ...STORE, endpoint: 'http://h:9000', region: 'eu' },
  ],
  ['STORAGE_FORMER', 'storageFormer', undefined, 's3://k:s%2F@h:9000/bucket', STORE],
  ['STORAGE_CACHE', 'storageCache', 64 * 1024 ** 2, '1GiB', 1024 ** 3],
  ['STORAGE_CACHE', 'storageCache', 64 * 1024 ** 2, 'off', undefined],
  ['STORAGE_SWEEP', 'storageSweepMs', 24 * 60 * MINUTE, '2h', 120 * MINUTE],
  ['STORAGE_SWEEP', 'storageSweepMs', 24 * 60 * MINUTE, 'off', undefined],
  ['SERVER_LEASE', 'serverLeaseMs', 30_000, '2m', 2 * MINUTE],
  ['JWT_SECRET', 'jwtSecret', undefined, SECRET, SECRET],
  ['JWT_TTL', 'jwtTtlMs', 24 * 60 * MINUTE, '90s', 90_000],
  ['JWT_TTL', 'jwtTtlMs', 24 * 60 * MINUTE, '30m', 30 * MINUTE],
  ['JWT_TTL', 'jwtTtlMs', 24 * 60 * MINUTE, '72h', 72 * 60 * MINUTE],
  ['JWT_TTL', 'jwtTtlMs', 24 * 60 * MINUTE, '3d', 72 * 60 * MINUTE],
  ['SESSION_TTL', 'sessionTtlMs', 30 * 24 * 60 * MINUTE, '12h', 12 * 60 * MINUTE],
  ['SESSION_TTL', 'sessionTtlMs', 30 * 24 * 60 * MINUTE, '400d', 400 * 24 * 60 * MINUTE],
  ['TRUSTED_PROXIES', 'trustedProxies', [], '10.0.0.0/8, ::1,192.0.2.1 ,', ['10.0.0.0/8', '::1', '192.0.2.1']],
  ['CORS_ORIGINS', 'corsOrigins', [], 'https://a.test,http://b.test:8080', ['https://a.test', 'http://b.test:8080']],
  ['MAX_FILE_SIZE', 'maxFileSize', Number.MAX_SAFE_INTEGER, '1', 1],
  ['MAX_FILE_SIZE', 'maxFileSize', Number.MAX_SAFE_INTEGER, '10GiB', 10 * 1024 ** 3],
  ['DEFAULT_MAX_STORAGE', 'defaultMaxStorage', 1073741824, '500 MiB', 500 * 1024 ** 2],
  ['DEFAULT_MAX_FILES', 'defaultMaxFiles', 100, '0', 0],
  ['DEFAULT_MAX_STORAGE', 'defaultMaxStorage', 1073741824, '9007199254740991', Number.MAX_SAFE_INTEGER],
  ['NEW_DRIVE', 'newDrive', 'make', 'refuse', 'refuse'],
  ['SIGNUP', 'signUp', 'open', 'closed', 'closed'],
  ['OIDC_NAME', 'oidcName', undefined, 'Example & Sons', 'Example & Sons'],
  ['OIDC_SIGNUP', 'oidcSignUp', undefined, 'open', 'open'],
  ['LOGIN_LIMIT', 'loginLimit', { points: 10, windowMs: 15 * MINUTE }, '3/20s', { points: 3, windowMs: 20_000 }],
  ['SIGNUP_LIMIT', 'signUpLimit', { points: 20, windowMs: 60 * MINUTE }, '3/2h', { points: 3, windowMs: 120 * MINUTE }],
  ['LINK_LIMIT', 'linkLimit', { points: 60, windowMs: MINUTE }, '3/2m', { points: 3, windowMs: 2 * MINUTE }],
  ['UPLOADS_IN_FLIGHT', 'uploadsInFlight', 32, '1', 1],
  ['RECEIPTS', 'receipts', 'on', 'off', 'off'],
  ['RECEIPT_KEY', 'receiptKey', undefined, RECEIPT_KEY, RECEIPT_KEY],
  ['WEB', 'web', 'on', 'off', 'off'],
  ['UPLOAD_TTL', 'uploadTtlMs', 7 * 24 * 60 * MINUTE, '36h', 36 * 60 * MINUTE],
  ['STOP_GRACE', 'stopGraceMs', 8_000, '2m', 120_000],
  ['STOP_DELAY', 'stopDelayMs', undefined, '5s', 5_000],
  ['METRICS', 'metrics', undefined, 'on', []],
  ['METRICS', 'metrics', undefined, '127.0.0.1, 10.0.0.0/8', ['127.0.0.1', '10.0.0.0/8']],
  ['AUDIT', 'audit', 'on', 'off', 'off'],
  ['AUDIT_KEEP', 'auditKeepMs', 90 * 24 * 60 * MINUTE, '365d', 365 * 24 * 60 * MINUTE],
  ['AUDIT_ADDRESS', 'auditAddress', 'full', 'network', 'network'],
  ['LOG_LEVEL', 'logLevel', 'info', 'trace', 'trace'],
];

const BAD: Record<string, string[]> = {
  AUDIT: ['yes', 'On'],
  AUDIT_KEEP: ['0d', '90', '3661d'],
  AUDIT_ADDRESS: ['half', 'Full'],
  PORT: ['-1', '65536', '80.5', 'http', 'NaN', 'Infinity'],
  PUBLIC_URL: [
    'drive.test:80',
    'ftp://drive.test',
    'https://:80',
    'javascript:alert(1)',
    'https://drive.test/?from=here',
    'https://drive.test/#top',
    'https://admin:hunter2@drive.test',
  ],
  DATABASE_URL: [
    'postgres://u:hunter2@h/d',
    'mysql://u:hunter2@h',
    'mysql://u:hunter2@h/',
    'mysql://u:hunter2@h/d?x=1',
  ],
  STORAGE_URL: [
    's3://k:hunter2@h',
    's3://k:hunter2@h/Bucket',
    's3://k:hunter2@h/bucket?x=1',
    's3://h/bucket',
    'https://k:hunter2@h/bucket',
    's3://k:hunter2@h/bucket?tls=no',
  ],
  STORAGE_FORMER: ['file:', 'file:///srv', '/srv', 's3://k:hunter2@h', 'disk'],
  STORAGE_CACHE: ['-1', '64MB', 'on'],
  STORAGE_SWEEP: ['0d', '367d', '1', 'never'],
  SERVER_LEASE: ['0s', '11m', '30', 'off'],
  JWT_SECRET: ['hunter2', 'hunter2'.repeat(4), 'hunter2'.repeat(200)],
  JWT_TTL: ['73h', '4321m', '0h', '24', 'h', '-1h', '1.5h', '4d', '24 h', '999999999999999999999h'],
  SESSION_TTL: ['401d', '0d', '30', 'd', '-1d', '1.5d', '1w', '30 d'],
  TRUSTED_PROXIES: ['10.0.0.0/33', '10.0.0', '010.0.0.1', 'loopback', 'proxy.example.org', '::1/129', '10.0.0.0/', '*'],
  CORS_ORIGINS: ['*', 'null', 'drive.test', 'https://drive.test/', 'https://a.test:443', 'a.test,b.test'],
  MAX_FILE_SIZE: ['0', '-1', '1.5', '10MB', '0KiB', '9007199254740993', '8PiB1'],
  DEFAULT_MAX_FILES: ['-1', '1.5', 'many', '2147483648'],
  DEFAULT_MAX_STORAGE: ['-1', '0.5', '1GB', 'GiB', '9007199254740993', '99999PiB'],
  NEW_DRIVE: ['no', 'MAKE'],
  WEB: ['yes', 'ON', '1'],
  SIGNUP: ['no', 'OPEN', 'true'],
  OIDC_NAME: [' ', 'x'.repeat(51), 'a\nb'],
  OIDC_SIGNUP: ['no', 'OPEN', 'as SIGNUP'],
  LOGIN_LIMIT: ['10', '10/15', '0/1m', '10/0m', '10 / 15m', '-1/1m', 'none'],
  SIGNUP_LIMIT: ['10', '1/1w', '1/1h/1h'],
  LINK_LIMIT: ['60/m', ''.padEnd(5, '9')],
  UPLOADS_IN_FLIGHT: ['0', '1025', '1.5', 'all'],
  RECEIPTS: ['yes', 'ON', 'true'],
  RECEIPT_KEY: ['hunter2', RECEIPT_KEY.slice(1), `${RECEIPT_KEY}AAAA`, '-----BEGIN PRIVATE KEY-----'],
  STOP_GRACE: ['0s', '2h', '8'],
  STOP_DELAY: ['0s', '2h', 'on'],
  METRICS: ['yes', 'on,off', 'localhost', '10.0.0.0/33'],
  LOG_LEVEL: ['verbose', 'INFO', '30'],
  UPLOAD_TTL: ['0d', '7', '7w', '367d', '-1h'],
};

/** The error that a value is answered with; the variables beside it are good. */
function refusal(variable: string, value: string): ConfigError {
  try {
    // Made, to see whether it throws.
    void new AppConfig({ [variable]: value });
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error(`${variable}=${value} was taken`);
}

describe('AppConfig', () => {
  it.each(GOOD)('has %s as %s: %j by itself, for %j %j', (variable, field, byItself, value, expected) => {
    expect(new AppConfig({})[field]).toEqual(byItself);
    expect(new AppConfig({ [variable]: '' })[field]).toEqual(byItself);
    expect(new AppConfig({ [variable]: value })[field]).toEqual(expected);
  });

  it('has a good and, but for texts of any kind, a bad value of every variable in this test', () => {
    const tested = new Set(GOOD.map(([variable]) => variable));
    const any = ['HOST', 'DATA_DIR'];
    expect([...tested].filter((variable) => !any.includes(variable)).toSorted()).toEqual(Object.keys(BAD).toSorted());
    // What takes others beside it has a test of its own.
    const together = ['oidcIssuer', 'oidcClientId', 'oidcClientSecret'];
    expect(new Set([...GOOD.map(([, field]) => field), ...together])).toEqual(new Set(Object.keys(new AppConfig({}))));
  });

  it.each(Object.entries(BAD).flatMap(([variable, values]) => values.map((value) => [variable, value] as const)))(
    'is refused with %s=%s, naming the variable and never its value',
    (variable, value) => {
      const { variable: named, message } = refusal(variable, value);
      expect([named, message.split(' ')[0]]).toEqual([variable, variable]);
      expect(message.length).toBeGreaterThan(variable.length + 5);
      if (value.length > 6) expect(message).not.toContain(value);
      expect(message).not.toContain('hunter2');
    },
  );

  it('takes a former storage of the other kind only', () => {
    const STORAGE_URL = 's3://k:s%2F@h:9000/bucket';
    expect(new AppConfig({ STORAGE_URL, STORAGE_FORMER: 'file:' }).storageFormer).toBe('disk');
    expect(() => new AppConfig({ STORAGE_URL, STORAGE_FORMER: STORAGE_URL })).toThrow(/^STORAGE_FORMER must be file:/);
  });

  it('takes an OpenID provider as a whole, and only over https or on this machine', () => {
    const client = { OIDC_CLIENT_ID: 'defdrive', OIDC_CLIENT_SECRET: 'hunter2' };
    for (const issuer of [
      'https://id.test/realms/a',
      'http://127.0.0.1:8080',
      'http://localhost/a',
      'http://[::1]:1',
    ]) {
      const config = new AppConfig({ OIDC_ISSUER: issuer, ...client });
      expect([config.oidcIssuer, config.oidcClientId, config.oidcClientSecret]).toEqual([
        issuer,
        'defdrive',
        'hunter2',
      ]);
    }
    for (const issuer of [
      'http://id.test',
      'id.test',
      'https://u:hunter2@id.test',
      'https://id.test/?a',
      'ftp://id.test',
    ])
      expect(() => new AppConfig({ OIDC_ISSUER: issuer, ...client })).toThrow(/^OIDC_ISSUER must be the https/);
    expect(() => new AppConfig({ OIDC_ISSUER: 'https://id.test' })).toThrow(/^OIDC_CLIENT_ID must be given/);
    expect(() => new AppConfig(client)).toThrow(/^OIDC_ISSUER must be given/);
  });

  it.each([
    'x'.repeat(40),
    'change-me-change-me-change-me-change-me',
    'your-256-bit-secret-your-256-bit-secret',
    'YOUR_SECRET_KEY_MUST_BE_LONG_ENOUGH_0123',
    'this-is-an-example-of-a-signing-secret!!',
    'secretsecretsecretsecretsecretsecret',
    'passwordpasswordpasswordpassword',
    'myJWTsecret-key-for-development-only-123',
  ])('does not start with the sample secret %j', (secret) => {
    expect(refusal('JWT_SECRET', secret).message).not.toContain(secret);
  });

  it('takes any random secret', () => {
    const secrets = fc.uint8Array({ minLength: 32, maxLength: 64 }).filter((bytes) => new Set(bytes).size > 16);
    const property = fc.property(secrets, (bytes) => {
      const secret = Buffer.from(bytes).toString('base64url');
      expect(new AppConfig({ JWT_SECRET: secret }).jwtSecret).toBe(secret);
    });
    fc.assert(property);
  });

  it.each([
    ['127.0.0.1', 'http://127.0.0.1:3000'],
    ['127.8.9.1', 'http://127.8.9.1:3000'],
    ['localhost', 'http://localhost:3000'],
    ['::1', 'http://[::1]:3000'],
    ['::ffff:127.0.0.1', 'http://[::ffff:127.0.0.1]:3000'],
  ])('calls itself on loopback as it listens: %s', (HOST, url) => {
    expect(new AppConfig({ HOST }).publicUrl).toBe(url);
  });

  it.each(['0.0.0.0', '::', '192.0.2.1', 'drive.example.org'])(
    'asks what it is called when it listens on %s',
    (HOST) => {
      expect(refusal('HOST', HOST).variable).toBe('PUBLIC_URL');
      expect(new AppConfig({ HOST, PUBLIC_URL: 'https://drive.test/' }).publicUrl).toBe('https://drive.test');
    },
  );

  it.each([
    ['PORT', 'abc', 'PORT must be a whole number from 0 to 65535'],
    ['MAX_FILE_SIZE', '10MB', 'MAX_FILE_SIZE must be a size such as 10GiB, 500MiB or 1073741824, and at least 1'],
    ['JWT_TTL', 'long', 'JWT_TTL must be a time such as 90s, 30m, 24h or 7d'],
    ['JWT_TTL', '4d', 'JWT_TTL must not be above 72h'],
    ['SIGNUP', 'no', 'SIGNUP must be open or closed'],
  ])('says what is wrong with %s=%s', (variable, value, message) => {
    expect(refusal(variable, value).message).toBe(message);
  });

  it('does not care for variables that are none of its own', () => {
    expect(new AppConfig({ PATH: '/bin', HOME: '/', constructor: 'x', __proto__: 'x' } as never)).toEqual(
      new AppConfig({}),
    );
  });
});

describe('showSettings', () => {
  const show = (variables: Record<string, string>) => showSettings(new AppConfig(variables), variables);

  it('has every setting as it would stand in the environment', () => {
    expect(Object.keys(show({}))).toEqual(Object.values(SETTINGS).map(({ variable }) => variable));
    expect(show({ JWT_TTL: '30m', CORS_ORIGINS: 'https://a.test' })).toMatchObject({
      PUBLIC_URL: 'http://127.0.0.1:3000',
      DATA_DIR: resolve('data'),
      DATABASE_URL: 'none: SQLite in DATA_DIR',
      JWT_TTL: '30m',
      DEFAULT_MAX_STORAGE: '1GiB',
      TRUSTED_PROXIES: 'none',
      CORS_ORIGINS: 'https://a.test',
    });
  });

  it('shows no secret', () => {
    const shown = show({ JWT_SECRET: SECRET, DATABASE_URL: 'mysql://u:hunter2@h:3306/d' });
    expect(shown).toMatchObject({ JWT_SECRET: 'given', DATABASE_URL: 'mysql://u:***@h:3306/d' });
  });
});
