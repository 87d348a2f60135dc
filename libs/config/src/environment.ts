import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsNotEmpty,
  IsOptional,
  IsString,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
} from 'class-validator';

const RATE = /^[1-9]\d*\/[1-9]\d*[smh]$/;
const RATE_MESSAGE = '$property must look like 10/15m (a number of times per seconds, minutes or hours)';

/** What a path can be put behind. */
const BASE_URL = {
  require_tld: false,
  require_protocol: true,
  protocols: ['http', 'https'],
  allow_query_components: false,
  allow_fragments: false,
  disallow_auth: true,
};

/** The environment variables that DefDrive reads, as text, with the rule that each must satisfy. */
export class Environment {
  @IsNotEmpty()
  HOST = '127.0.0.1';

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65535)
  PORT = 3000;

  @IsOptional()
  @IsUrl(BASE_URL, { message: '$property must look like https://drive.example.org, without a query' })
  PUBLIC_URL?: string;

  @IsNotEmpty()
  DATA_DIR = './data';

  @IsOptional()
  @Matches(/^(mysql|mariadb):\/\/[^/]+\/[^/?]+$/, {
    message: '$property must look like mysql://user:password@host:port/name',
  })
  DATABASE_URL?: string;

  @IsOptional()
  @MinLength(32)
  @MaxLength(1024)
  JWT_SECRET?: string;

  @Matches(/^[1-9]\d*[smh]$/, { message: '$property must look like 24h (seconds, minutes or hours)' })
  JWT_TTL = '24h';

  @Matches(/^[1-9]\d*[smhd]$/, { message: '$property must look like 30d (seconds, minutes, hours or days)' })
  SESSION_TTL = '30d';

  @IsString()
  TRUSTED_PROXIES = '';

  @IsString()
  CORS_ORIGINS = '';

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(Number.MAX_SAFE_INTEGER)
  MAX_FILE_SIZE?: number;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(2147483647)
  DEFAULT_MAX_FILES = 100;

  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  DEFAULT_MAX_STORAGE = 1073741824;

  @IsIn(['open', 'closed'])
  SIGNUP: 'open' | 'closed' = 'open';

  @Matches(RATE, { message: RATE_MESSAGE })
  LOGIN_LIMIT = '10/15m';

  @Matches(RATE, { message: RATE_MESSAGE })
  SIGNUP_LIMIT = '20/1h';

  @Matches(RATE, { message: RATE_MESSAGE })
  LINK_LIMIT = '60/1m';

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1024)
  UPLOADS_IN_FLIGHT = 32;

  @IsIn(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
  LOG_LEVEL = 'info';
}
