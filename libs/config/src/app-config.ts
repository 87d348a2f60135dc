import { existsSync } from 'node:fs';
import { ConfigError } from './config-error.js';
import { isPublicAddress } from './public-address.js';
import { isLoopback } from './secrets-and-urls.js';
import type { Setting } from './setting.js';
import { SETTINGS, type Settings } from './settings.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** The fields of the table, on a class that can be injected; two of them have a value also where none is given. */
const Values = Object as unknown as new () => Omit<Settings, 'publicUrl' | 'maxFileSize'>;

/** Settings of this process, read from the environment once at start and never changed afterwards. */
export class AppConfig extends Values {
  /** What links begin with, without a trailing slash. */
  readonly publicUrl: string;
  /** Bytes. */
  readonly maxFileSize: number;

  /** @throws ConfigError naming the variable at fault, never its value, which may be a secret */
  constructor(variables: Variables) {
    super();
    const values = valuesOf(variables);
    requireWholeProvider(values);
    requireTwoStorages(values);
    Object.assign(this, values);
    this.publicUrl = values.publicUrl ?? listeningUrl(values);
    this.maxFileSize = values.maxFileSize ?? Number.MAX_SAFE_INTEGER;
  }

  /** Whether anybody on the net may make an account: worth a warning, and what some want. */
  get openToAnybody(): boolean {
    return this.signUp === 'open' && isPublicAddress(this.publicUrl);
  }

  /** The settings of this process: its environment, and for development a `.env` beside it, which overrides nothing. */
  static load(): AppConfig {
    return new AppConfig(environment());
  }
}

/** Variables of DefDrive's ancestor, and what took their place. */
const SUCCESSORS = { HOST_URL: 'PUBLIC_URL', DATA_PATH: 'DATA_DIR' };

/** A warning for each variable that is given and no longer read, for admins. */
export function renamedSettings(variables: Variables = environment()): string[] {
  return Object.entries(SUCCESSORS)
    .filter(([old]) => variables[old])
    .map(([old, successor]) => `${old} is not read: it is ${successor} now`);
}

/** What this process is told: its environment, and a `.env` beside it. */
function environment(): Variables {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return process.env;
}

/**
 * How this process is set, for people: by the names of the variables, as they would stand in the environment, and
 * without secrets.
 */
export function showSettings(config: AppConfig, variables: Variables = environment()): Record<string, string> {
  const shown = Object.values<Setting<unknown>>(SETTINGS).map(({ variable, byDefault, absent, show }) => {
    const text = variables[variable] || byDefault;
    if (variable === 'PUBLIC_URL') return [variable, config.publicUrl] as const;
    if (text === undefined) return [variable, `none: ${absent?.replaceAll('`', '')}`] as const;
    return [variable, (show ? show(text) : text) || 'none'] as const;
  });
  return Object.fromEntries(shown);
}

function valuesOf(variables: Variables): Settings {
  const values = Object.entries<Setting<unknown>>(SETTINGS).map(([field, { variable, byDefault, parse }]) => {
    const own = Object.hasOwn(variables, variable) ? variables[variable] : undefined;
    const text = own === undefined || own === '' ? byDefault : own;
    return [field, text === undefined ? undefined : parsed(variable, text, parse)] as const;
  });
  return Object.fromEntries(values) as unknown as Settings;
}

function parsed<Value>(variable: string, text: string, parse: (text: string) => Value): Value {
  try {
    return parse(text);
  } catch (error) {
    throw new ConfigError(variable, (error as Error).message);
  }
}

/** An identity provider knows us by a name that it has given us; a part of what it takes is a mistake. */
function requireWholeProvider({ oidcIssuer, oidcClientId, oidcClientSecret }: Settings): void {
  if (oidcIssuer && !oidcClientId) throw new ConfigError('OIDC_CLIENT_ID', 'must be given where OIDC_ISSUER is');
  if (!oidcIssuer && (oidcClientId || oidcClientSecret)) {
    throw new ConfigError('OIDC_ISSUER', 'must be given where OIDC_CLIENT_ID or OIDC_CLIENT_SECRET is');
  }
}

/** A drive moves between a disk and a bucket. */
function requireTwoStorages({ storageUrl, storageFormer }: Settings): void {
  if (storageFormer === undefined || (storageFormer === 'disk') === (storageUrl !== undefined)) return;
  const other = storageUrl ? 'file:, where STORAGE_URL is a bucket' : 'a bucket, where there is no STORAGE_URL';
  throw new ConfigError('STORAGE_FORMER', `must be ${other}: a drive moves between the disk and a bucket`);
}

/** Links must lead somewhere from outside, and only the admin knows what a listening address is called there. */
function listeningUrl({ host, port }: Settings): string {
  if (!isLoopback(host)) throw new ConfigError('PUBLIC_URL', 'must be given when HOST is not a loopback address');
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
