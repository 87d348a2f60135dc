import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { existsSync } from 'node:fs';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import ipaddr from 'ipaddr.js';
import { ConfigError } from './config-error.js';
import { Environment } from './environment.js';

/** So many `points` in each window of `windowMs` milliseconds. */
export interface Rate {
  readonly points: number;
  readonly windowMs: number;
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const MAX_TOKEN_TTL_MS = 72 * UNIT_MS.h;
/** As long as browsers keep a cookie. */
const MAX_SESSION_TTL_MS = 400 * UNIT_MS.d;

/** Secrets that stand in examples and tutorials: a server that starts with one of them is open to everybody. */
const SAMPLE_SECRETS =
  /^(.)\1*$|change[-_ ]?me|your[-_ ]?(256|secret|jwt)|secret[-_ ]?key|example|^(secret|password|jwt)+$/i;

/** Settings of this process, read from the environment once at start and never changed afterwards. */
export class AppConfig {
  readonly host: string;
  readonly port: number;
  /** What links begin with, without a trailing slash. */
  readonly publicUrl: string;
  /** Absolute path. */
  readonly dataDir: string;
  /** None: SQLite in `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** None: generated into `dataDir`. */
  readonly jwtSecret: string | undefined;
  readonly jwtTtlMs: number;
  /** How long a browser's session lives from its last use. */
  readonly sessionTtlMs: number;
  /** Networks whose `X-Forwarded-For` is believed, in CIDR notation. */
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
  /** Bytes. */
  readonly maxFileSize: number;
  readonly defaultMaxFiles: number;
  /** Bytes. */
  readonly defaultMaxStorage: number;
  readonly signUp: 'open' | 'closed';
  readonly loginLimit: Rate;
  readonly signUpLimit: Rate;
  readonly linkLimit: Rate;
  readonly uploadsInFlight: number;
  readonly logLevel: string;

  /** @throws ConfigError naming the variable at fault, never its value, which may be a secret */
  constructor(variables: NodeJS.ProcessEnv) {
    const env = validate(variables);
    this.host = env.HOST;
    this.port = env.PORT;
    this.publicUrl = publicUrl(env);
    this.dataDir = resolve(env.DATA_DIR);
    this.databaseUrl = env.DATABASE_URL;
    this.jwtSecret = jwtSecret(env);
    this.jwtTtlMs = milliseconds(env.JWT_TTL);
    if (this.jwtTtlMs > MAX_TOKEN_TTL_MS) throw new ConfigError('JWT_TTL', 'must not be above 72h');
    this.sessionTtlMs = milliseconds(env.SESSION_TTL);
    if (this.sessionTtlMs > MAX_SESSION_TTL_MS) throw new ConfigError('SESSION_TTL', 'must not be above 400d');
    this.trustedProxies = list(env.TRUSTED_PROXIES).map(network);
    this.corsOrigins = list(env.CORS_ORIGINS).map(origin);
    this.maxFileSize = env.MAX_FILE_SIZE ?? Number.MAX_SAFE_INTEGER;
    this.defaultMaxFiles = env.DEFAULT_MAX_FILES;
    this.defaultMaxStorage = env.DEFAULT_MAX_STORAGE;
    this.signUp = env.SIGNUP;
    this.loginLimit = rate(env.LOGIN_LIMIT);
    this.signUpLimit = rate(env.SIGNUP_LIMIT);
    this.linkLimit = rate(env.LINK_LIMIT);
    this.uploadsInFlight = env.UPLOADS_IN_FLIGHT;
    this.logLevel = env.LOG_LEVEL;
  }

  /** The settings of this process: its environment, and for development a `.env` beside it, which overrides nothing. */
  static load(): AppConfig {
    if (existsSync('.env')) process.loadEnvFile('.env');
    return new AppConfig(process.env);
  }
}

function validate(variables: NodeJS.ProcessEnv): Environment {
  const known = Object.keys(new Environment()).concat('PUBLIC_URL', 'DATABASE_URL', 'JWT_SECRET', 'MAX_FILE_SIZE');
  const given = known.filter((name) => variables[name] !== undefined && variables[name] !== '');
  const env = plainToInstance(Environment, Object.fromEntries(given.map((name) => [name, variables[name]])), {
    exposeDefaultValues: true,
  });
  const [fault] = validateSync(env);
  if (fault)
    throw new ConfigError(
      fault.property,
      Object.values(fault.constraints ?? {})[0]?.replace(`${fault.property} `, '') ?? 'is invalid',
    );
  return env;
}

/** Links must lead somewhere from outside, and only the admin knows what a listening address is called there. */
function publicUrl(env: Environment): string {
  if (env.PUBLIC_URL) return env.PUBLIC_URL.replace(/\/+$/, '');
  const loopback =
    env.HOST === 'localhost' || (isIP(env.HOST) !== 0 && ipaddr.process(env.HOST).range() === 'loopback');
  if (!loopback) throw new ConfigError('PUBLIC_URL', 'must be given when HOST is not a loopback address');
  return `http://${env.HOST.includes(':') ? `[${env.HOST}]` : env.HOST}:${env.PORT}`;
}

function jwtSecret(env: Environment): string | undefined {
  if (env.JWT_SECRET && (Buffer.byteLength(env.JWT_SECRET) < 32 || SAMPLE_SECRETS.test(env.JWT_SECRET))) {
    throw new ConfigError('JWT_SECRET', 'is too short or a known sample: leave it out to have one generated');
  }
  return env.JWT_SECRET;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function network(entry: string): string {
  if (!isIP(entry.split('/')[0] ?? '') || (entry.includes('/') && !ipaddr.isValidCIDR(entry))) {
    throw new ConfigError(
      'TRUSTED_PROXIES',
      'must be a comma-separated list of addresses or networks in CIDR notation',
    );
  }
  return entry;
}

function origin(entry: string): string {
  if (!URL.canParse(entry) || new URL(entry).origin !== entry) {
    throw new ConfigError(
      'CORS_ORIGINS',
      'must be a comma-separated list of origins such as https://drive.example.org',
    );
  }
  return entry;
}

function milliseconds(text: string): number {
  return Number(text.slice(0, -1)) * UNIT_MS[text.slice(-1) as keyof typeof UNIT_MS];
}

function rate(text: string): Rate {
  const [points, window] = text.split('/') as [string, string];
  return { points: Number(points), windowMs: milliseconds(window) };
}
