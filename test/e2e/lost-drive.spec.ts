import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openProbe, testEngine } from '../support/probe.js';
import { Server } from '../support/server.js';
import { serversFixture } from '../support/servers-fixture.js';

const { spawn, start } = serversFixture();

/** What a start says that is refused. */
async function refusal(env: NodeJS.ProcessEnv): Promise<string> {
  const server = spawn(env);
  expect(await server.ended).toEqual({ code: 1, signal: null });
  return server.output;
}

/** A drive with a file, stopped. */
async function used(): Promise<NodeJS.ProcessEnv> {
  const env = await Server.environment();
  const server = await start(env);
  await (await server.client.signUp('alice')).file('a.txt');
  await server.kill();
  return env;
}

describe('a start where a drive was', () => {
  it('says loudly that a new drive is made, and only then', async () => {
    const env = await Server.environment();
    const first = await start(env);
    expect(first.output).toContain(`A NEW DRIVE IS MADE in ${env.DATA_DIR}`);
    await first.kill();
    expect((await start(env)).output).not.toContain('NEW DRIVE');
  });

  it.skipIf(testEngine() !== 'sqlite')('is refused without the database, and makes none', async () => {
    const env = await used();
    const database = join(env.DATA_DIR!, 'defdrive.sqlite');
    const away = join(env.DATA_DIR!, '..', 'away');
    mkdirSync(away);
    for (const name of readdirSync(env.DATA_DIR!).filter((name) => name.startsWith('defdrive.sqlite')))
      renameSync(join(env.DATA_DIR!, name), join(away, name));
    expect(await refusal(env)).toContain('DATA_DIR holds uploads/alice of a drive, but no database');
    expect(existsSync(database)).toBe(false);
    for (const name of readdirSync(away)) renameSync(join(away, name), join(env.DATA_DIR!, name));
    expect((await (await start(env)).client.logIn('alice')).username).toBe('alice');
  });

  it.skipIf(testEngine() !== 'sqlite').each([
    ['half a backup', 'defdrive.sqlite.part'],
    ['a log without its database', 'defdrive.sqlite-wal'],
    ['a secret', 'jwt.secret'],
  ])('is refused with nothing but %s', async (_what, name) => {
    const env = await Server.environment();
    mkdirSync(env.DATA_DIR!);
    writeFileSync(join(env.DATA_DIR!, name), 'x'.repeat(64));
    expect(await refusal(env)).toContain(`DATA_DIR holds ${name} of a drive, but no database`);
  });

  it('is refused with an empty database beside the files of another', async () => {
    const [env, fresh] = [await used(), await Server.environment()];
    // On SQLite an empty file, as a restore leaves it that was cut off; on MariaDB another, empty database.
    const other = { ...env, ...(fresh.DATABASE_URL ? { DATABASE_URL: fresh.DATABASE_URL } : {}) };
    if (testEngine() === 'sqlite') {
      for (const end of ['-wal', '-shm']) rmSync(join(env.DATA_DIR!, `defdrive.sqlite${end}`), { force: true });
      writeFileSync(join(env.DATA_DIR!, 'defdrive.sqlite'), '');
    }
    expect(await refusal(other)).toContain('holds the folder alice, and the database knows no storage');
  });

  it('is refused in an empty directory where the settings say that there must be a drive', async () => {
    const env = await Server.environment();
    expect(await refusal({ ...env, NEW_DRIVE: 'refuse' })).toContain('NEW_DRIVE is refuse');
    if (testEngine() === 'sqlite') expect(readdirSync(env.DATA_DIR!)).not.toContain('defdrive.sqlite');
    await (await start(env)).kill();
    await start({ ...env, NEW_DRIVE: 'refuse' });
  });

  it('is refused on the schema of a newer program', async () => {
    const env = await used();
    const probe = await openProbe({ dataDir: env.DATA_DIR!, databaseUrl: env.DATABASE_URL });
    await probe.run("INSERT INTO migrations (timestamp, name) VALUES (9999999999999, 'OfTomorrow9999999999999')");
    await probe.close();
    expect(await refusal(env)).toContain('The database is newer than this program (it knows OfTomorrow9999999999999)');
  });
});
