import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.js';
import { testEngine } from '../support/probe.js';
import { Server } from '../support/server.js';
import { onS3 } from '../support/store.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const WAITS = 'The start waits: ';
const NO_DATABASE = 'DATABASE_URL leads to no database that can be used (ECONNREFUSED)';

/** `DB=mariadb BLOBS=s3`: engines that are away while the server starts. */
describe.skipIf(!onS3() || testEngine() !== 'mariadb')('a start', { timeout: 60_000 }, () => {
  const servers: Server[] = [];
  const lines: TcpProxy[] = [];
  let environment: NodeJS.ProcessEnv;
  beforeEach(async () => void (environment = await Server.environment()));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.kill()));
    await Promise.all(lines.splice(0).map((line) => line.close()));
  });

  function spawn(settings: NodeJS.ProcessEnv): Server {
    const server = Server.spawn({ ...environment, ...settings });
    servers.push(server);
    return server;
  }
  /** A way to an engine that is not there until it is opened. */
  async function door(variable: 'DATABASE_URL' | 'STORAGE_URL') {
    const engine = new URL(environment[variable]!);
    const target = Number(engine.port);
    const port = await freePort();
    engine.port = String(port);
    const open = async () => {
      const line = await TcpProxy.start(target, port);
      lines.push(line);
      return line;
    };
    return { settings: { [variable]: engine.href }, open };
  }
  const said = (server: Server, text: string) => until(() => server.output.includes(text));
  const times = (server: Server, text: string) => server.output.split(text).length - 1;

  it('waits for a database that is away, says so once, and goes on when it is there', async () => {
    const { settings, open } = await door('DATABASE_URL');
    const server = spawn(settings);
    await said(server, WAITS + NO_DATABASE);
    await open();
    await server.listening();
    expect(times(server, WAITS)).toBe(1);
    const alice = await server.client.signUp('alice');
    expect((await alice.file('one.txt', 'bytes')).name).toBe('one.txt');
  });

  it('waits for a store that is away, as one server of several with one lease', async () => {
    const { settings, open } = await door('STORAGE_URL');
    const server = spawn(settings);
    await said(server, `${WAITS}The store cannot be used now (ECONNREFUSED)`);
    await open();
    await server.listening();
    expect((await server.client.get('/api/health/ready')).status).toBe(200);
  });

  it.each([
    ['its lease is taken', 'INSERT INTO servers'],
    ['it looks at the marks', 'SELECT name, value'],
    ['the bucket is attached', 'INSERT INTO `storages`'],
  ])('goes on when the database is lost where %s', async (_where, statement) => {
    const { settings, open } = await door('DATABASE_URL');
    const line = await open();
    line.cutAt(statement, 'before');
    const cut = once(line, 'cut');
    const server = spawn(settings);
    await cut;
    await server.listening();
    expect(times(server, WAITS)).toBe(1);
  });

  it('fails after START_WAIT, with the reason and a code', async () => {
    const { settings } = await door('DATABASE_URL');
    const server = spawn({ ...settings, START_WAIT: '1s' });
    expect(await server.ended).toEqual({ code: 1, signal: null });
    expect(server.output).toContain(`DefDrive cannot start: ${NO_DATABASE}\n`);
  });

  it('does not wait for what will not change: a wrong password', async () => {
    const database = new URL(environment.DATABASE_URL!);
    database.password = 'wrong';
    const server = spawn({ DATABASE_URL: database.href });
    expect((await server.ended).code).toBe(1);
    expect(server.output).toContain('(ER_ACCESS_DENIED_ERROR)');
    expect(server.output).not.toContain(WAITS);
  });

  it('ends at a signal while it waits, and leaves the data directory to the next one', async () => {
    const { settings } = await door('DATABASE_URL');
    const server = spawn(settings);
    await said(server, WAITS);
    expect(await server.kill('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
    await spawn({}).listening();
  });
});
