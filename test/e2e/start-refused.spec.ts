import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Server } from '../support/server.js';
import { serversFixture } from '../support/servers-fixture.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const { spawn, start } = serversFixture();

describe('the start of the server', () => {
  it.each([
    ['a sample secret', { JWT_SECRET: 'your-256-bit-secret-change-me-please-now' }, 'JWT_SECRET'],
    ['a short secret', { JWT_SECRET: 'short' }, 'JWT_SECRET'],
    ['a port that is none', { PORT: '99999' }, 'PORT'],
    ['a token that lives too long', { JWT_TTL: '73h' }, 'JWT_TTL'],
    ['an open address without a public one', { HOST: '0.0.0.0' }, 'PUBLIC_URL'],
  ])('is refused with %s, naming the variable and not its value', async (_what, settings, variable) => {
    const server = spawn(await Server.environment(settings));
    expect((await server.ended).code).toBe(1);
    expect(server.output).toContain(`DefDrive cannot start: ${variable} `);
    const value = Object.values(settings)[0]!;
    if (value.length > 5) expect(server.output).not.toContain(value);
  });

  it('is refused on a data directory that another process uses', async () => {
    const env = await Server.environment();
    const first = await start(env);
    const second = spawn({ ...env, PORT: '0', PUBLIC_URL: 'http://second.test' });
    expect((await second.ended).code).toBe(1);
    expect(second.output).toContain('is in use by another DefDrive process');
    expect((await first.client.get('/api/health')).status).toBe(200);
  });

  it('is refused where the data directory cannot be one', async () => {
    const parent = temporaryDirectory();
    writeFileSync(join(parent, 'file'), '');
    mkdirSync(join(parent, 'real'));
    symlinkSync(join(parent, 'real'), join(parent, 'link'));
    for (const name of ['file', 'link', 'file/below']) {
      const server = spawn(await Server.environment({ DATA_DIR: join(parent, name) }));
      expect((await server.ended).code).toBe(1);
      expect(server.output).toContain('DefDrive cannot start: DATA_DIR ');
    }
  });

  it('is refused on an empty volume, and on that of another drive', async () => {
    const env = await Server.environment();
    const other = await Server.environment();
    const first = await start(env);
    const alice = await first.client.signUp('alice');
    await alice.file('a.txt', 'a');
    await first.kill();
    await (await start(other)).kill();
    const uploads = join(env.DATA_DIR!, 'uploads');
    renameSync(uploads, `${uploads}.away`);
    for (const [volume, message] of [
      [() => mkdirSync(uploads), 'carries no id'],
      [() => renameSync(join(other.DATA_DIR!, 'uploads'), uploads), 'belongs to another database'],
    ] as const) {
      volume();
      const server = spawn(env);
      expect((await server.ended).code).toBe(1);
      expect(server.output).toContain(message);
      rmSync(uploads, { recursive: true });
    }
    renameSync(`${uploads}.away`, uploads);
    await start(env);
    expect((await alice.get('/api/files')).body.files).toHaveLength(1);
  });
});
