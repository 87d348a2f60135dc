import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAD, GOOD, SECRET } from '../../../test/support/app-config-cases.js';
import { AppConfig, showSettings } from './app-config.js';
import { ConfigError } from './config-error.js';
import { SETTINGS } from './settings.js';

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
