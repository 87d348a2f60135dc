import type { AppConfig, Rate } from '@app/config';
import { Command, SubCommand } from 'nest-commander';
import { AdminCommand, CommandGroup, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';
import { printJson, printRecord } from '../terminal/output.js';

@SubCommand({ name: 'show', description: 'Show the settings as the server would take them, without secrets' })
export class ShowConfigCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  override async run(_arguments: string[], { json }: OutputOptions): Promise<void> {
    const settings = withoutSecrets(this.drive.config);
    if (json) printJson(settings);
    else printRecord(settings);
  }
}

/** By the names of the environment's variables, times in milliseconds. */
function withoutSecrets(config: AppConfig): Record<string, string | number> {
  return {
    HOST: config.host,
    PORT: config.port,
    PUBLIC_URL: config.publicUrl,
    DATA_DIR: config.dataDir,
    DATABASE_URL: config.databaseUrl ? withoutPassword(config.databaseUrl) : 'none: SQLite in DATA_DIR',
    JWT_SECRET: config.jwtSecret ? 'given' : 'generated into DATA_DIR',
    JWT_TTL: `${config.jwtTtlMs} ms`,
    SESSION_TTL: `${config.sessionTtlMs} ms`,
    TRUSTED_PROXIES: config.trustedProxies.join(',') || 'none',
    CORS_ORIGINS: config.corsOrigins.join(',') || 'none',
    MAX_FILE_SIZE: config.maxFileSize === Number.MAX_SAFE_INTEGER ? "the owner's room" : config.maxFileSize,
    DEFAULT_MAX_FILES: config.defaultMaxFiles,
    DEFAULT_MAX_STORAGE: config.defaultMaxStorage,
    SIGNUP: config.signUp,
    LOGIN_LIMIT: describeRate(config.loginLimit),
    SIGNUP_LIMIT: describeRate(config.signUpLimit),
    LINK_LIMIT: describeRate(config.linkLimit),
    UPLOADS_IN_FLIGHT: config.uploadsInFlight,
    LOG_LEVEL: config.logLevel,
  };
}

function withoutPassword(url: string): string {
  if (!URL.canParse(url)) return 'given';
  const { protocol, username, host, pathname } = new URL(url);
  return `${protocol}//${username ? `${username}:***@` : ''}${host}${pathname}`;
}

function describeRate({ points, windowMs }: Rate): string {
  return `${points} in ${windowMs} ms`;
}

export const CONFIG_COMMANDS = [ShowConfigCommand];

@Command({ name: 'config', description: 'Settings', subCommands: CONFIG_COMMANDS })
export class ConfigCommand extends CommandGroup {}
