import { createRequire } from 'node:module';
import { ConfigError } from '@app/config';
import type * as Mysql from 'mysql2';
import type { MysqlDataSourceOptions } from 'typeorm/driver/mysql/MysqlDataSourceOptions.js';
import { SCHEMA } from './schema.js';

/** Connections at most; a unit of work holds one, and so does each read while it runs. */
const POOL_SIZE = 20;
const CONNECT_TIMEOUT_MS = 5_000;
/** Idle connections are probed, so that a firewall does not forget them and a dead server is noticed. */
const KEEP_ALIVE_MS = 10_000;

/**
 * What must hold for a session whatever the server's defaults are: a value that does not fit is an error, and a backslash
 * escapes (the driver's escaping of parameters relies on it). What is no transaction is committed by itself.
 */
const SESSION = [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', autocommit = 1`,
];
/** What not every server knows; there it is refused, and nothing else is. */
const WHERE_KNOWN = [
  // A lock is not awaited beyond a request's patience. (A server without InnoDB is refused later.)
  'SET SESSION innodb_lock_wait_timeout = 5',
  // A node of a Galera cluster answers only when it has what the others had committed before it was asked.
  'SET SESSION wsrep_sync_wait = 1',
];

/**
 * How TypeORM reaches a MariaDB or MySQL server. Whole numbers come as numbers also in raw rows: all of ours are below
 * 2^53. That goes for `SUM()` too, which the server makes a decimal.
 *
 * @param queryTimeoutMs after which a statement is given up together with its connection; none for a migration
 * @throws ConfigError when the URL cannot be read
 */
export function mysqlOptions(url: string, queryTimeoutMs?: number): MysqlDataSourceOptions {
  return {
    ...SCHEMA,
    ...address(url),
    // The superset: as `mysql`, TypeORM would take MariaDB's default of a nullable column for a change of the schema.
    type: 'mariadb',
    driver: { createPool: createSessionPool },
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    poolSize: POOL_SIZE,
    enableQueryTimeout: queryTimeoutMs !== undefined,
    maxQueryExecutionTime: queryTimeoutMs,
    extra: { decimalNumbers: true, enableKeepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
  };
}

function address(url: string): Pick<MysqlDataSourceOptions, 'host' | 'port' | 'username' | 'password' | 'database'> {
  try {
    const { hostname, port, username, password, pathname } = new URL(url);
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 3306 : Number(port),
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
    };
  } catch {
    throw new ConfigError('DATABASE_URL', 'cannot be read: special characters of the password must be percent-encoded');
  }
}

/** The driver is loaded only where there is such a server. */
function createSessionPool(options: Mysql.PoolOptions): Mysql.Pool {
  const { createPool } = createRequire(import.meta.url)('mysql2') as typeof Mysql;
  const pool = createPool(options);
  pool.on('connection', (connection) => {
    giveUpAfterTimeout(connection);
    // Statements of one connection run in turn, so these come before whatever the connection was opened for.
    for (const statement of SESSION) connection.query(statement, (error) => void (error && connection.destroy()));
    for (const statement of WHERE_KNOWN) connection.query(statement, () => undefined);
  });
  return pool;
}

/** After a time-out the answer is still to come: the connection must not go back to the pool, where the next one would wait for it. */
function giveUpAfterTimeout(connection: Mysql.PoolConnection): void {
  const query = connection.query.bind(connection) as (...args: unknown[]) => never;
  connection.query = ((...args: unknown[]) => {
    const done = args.at(-1);
    if (typeof done !== 'function') return query(...args);
    return query(...args.slice(0, -1), (error: Mysql.QueryError | null, ...results: unknown[]) => {
      if (error?.code === 'PROTOCOL_SEQUENCE_TIMEOUT') connection.destroy();
      done(error, ...results);
    });
  }) as typeof connection.query;
}
