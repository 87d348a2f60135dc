import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blobsIn } from '../support/drive.js';
import { openProbe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { serversFixture } from '../support/servers-fixture.js';
import { until } from '../support/until.js';

const { start } = serversFixture();

describe('the start of the server', () => {
  it('makes a data directory that is its own, with a secret, and says where it is', async () => {
    const server = await start(await Server.environment());
    const { dataDir, publicUrl } = server.config;
    expect(server.output).toContain(`DefDrive is ready at ${publicUrl}\nSwagger UI is at ${publicUrl}/docs\n`);
    const mode = (path: string) => (statSync(join(dataDir, path)).mode & 0o777).toString(8);
    expect([mode('.'), mode('uploads'), mode('uploads/.tmp')]).toEqual(['700', '700', '700']);
    expect([mode('jwt.secret'), mode('uploads/.defdrive')]).toEqual(['600', '600']);
    if (!server.config.databaseUrl) expect(mode('defdrive.sqlite')).toBe('600');
    expect(readFileSync(join(dataDir, 'jwt.secret'), 'utf8').trim().length).toBeGreaterThanOrEqual(32);
    const docs = await fetch(`${publicUrl}/docs`);
    expect(docs.status).toBe(200);
    expect(docs.headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect((await server.client.get('/docs/json')).body.openapi).toMatch(/^3\./);
  });

  it('keeps accounts, tokens and files from one start to the next', async () => {
    const env = await Server.environment();
    const first = await start(env);
    const alice = await first.client.signUp('alice');
    const file = await alice.file('kept.txt', 'kept');
    expect(await first.kill('SIGTERM')).toEqual({ code: null, signal: 'SIGTERM' });
    await start(env);
    expect((await alice.get(`/api/files/${file.id}`)).body).toEqual({ file });
    const response = await alice.fetch(`/api/files/${file.id}/content`);
    expect(await response.text()).toBe('kept');
  });

  it('never gives an id again, also after a start', async () => {
    const env = await Server.environment();
    const first = await start(env);
    const alice = await first.client.signUp('alice');
    const file = await alice.file('a.txt');
    await alice.delete(`/api/files/${file.id}`);
    await first.kill();
    await start(env);
    expect((await alice.file('a.txt')).id).toBeGreaterThan(file.id);
  });

  it.each([
    ['https://drive.example.org', 'open', true],
    ['https://drive.example.org', 'closed', false],
    ['http://nas.local', 'open', false],
  ])('warns at %s with SIGNUP=%s: %s', async (PUBLIC_URL, SIGNUP, warned) => {
    const server = await start(await Server.environment({ PUBLIC_URL, SIGNUP }));
    expect(server.output.includes('Warning: anybody on the net may make an account here')).toBe(warned);
  });

  it('listens at once however many removals wait, and carries them out', async () => {
    const env = await Server.environment();
    const first = await start(env);
    const alice = await first.client.signUp('alice');
    await alice.file('a.txt');
    await first.kill();
    const probe = await openProbe(first.config);
    const [storage] = await probe.rows<{ id: string }>('SELECT id FROM storages');
    mkdirSync(join(env.DATA_DIR!, 'uploads', 'gone'));
    for (let n = 0; n < 10_000; n += 500) {
      const rows = Array.from(
        { length: 500 },
        (_, m) => `(9, 'k${n + m}', '${storage!.id}', 'gone/${n + m}', 0, 0, 0)`,
      );
      await probe.run(
        `INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt) VALUES ${rows.join()}`,
      );
    }
    for (const n of [0, 9_999]) writeFileSync(join(env.DATA_DIR!, 'uploads', 'gone', String(n)), 'x');
    const second = await start(env);
    expect((await second.client.get('/api/health/ready')).status).toBe(200);
    await until(async () => (await probe.rows('SELECT id FROM blobRemovals LIMIT 1')).length === 0, 150_000);
    await probe.close();
    expect(blobsIn(env.DATA_DIR!).map(({ key }) => key)).toEqual(['alice/a.txt']);
  }, 180_000);

  it('stops without a trace of the uploads that are under way', async () => {
    const env = await Server.environment();
    const server = await start(env);
    const alice = await server.client.signUp('alice');
    await alice.file('whole.txt', 'whole');
    const { hostname, port } = new URL(server.config.publicUrl);
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => undefined);
    socket.write(
      `POST /api/upload HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${alice.token}\r\nContent-Type: multipart/form-data; boundary=b\r\n` +
        'Content-Length: 2000000\r\n\r\n--b\r\nContent-Disposition: form-data; name="file"; filename="half.txt"\r\n\r\nhalf',
    );
    const probe = await openProbe(server.config);
    await until(async () => (await probe.rows("SELECT id FROM files WHERE name = 'half.txt'")).length > 0);
    await server.kill('SIGTERM');
    socket.destroy();
    expect(await probe.rows('SELECT name, state FROM files')).toEqual([{ name: 'whole.txt', state: 'live' }]);
    await probe.close();
    expect(blobsIn(env.DATA_DIR!).map(({ key }) => key)).toEqual(['alice/whole.txt']);
    expect(answer).toMatch(/^HTTP\/1\.1 503 [^]*Service unavailable/);
  });

  it('logs JSON with request ids, and no secret', async () => {
    const server = await start(await Server.environment());
    const alice = await server.client.signUp('alice');
    const { headers } = await alice.get('/api/files');
    await server.client.post('/api/login', { username: 'alice', password: 'a wrong password' });
    await server.kill('SIGTERM');
    const lines = server.output.split('\n').filter((line) => line.startsWith('{'));
    const events = lines.map((line) => JSON.parse(line));
    expect(events).toContainEqual(
      expect.objectContaining({
        event: 'request',
        route: '/api/files',
        status: 200,
        requestId: headers.get('x-request-id'),
      }),
    );
    for (const secret of [alice.token!, 'correct horse battery', 'a wrong password'])
      expect(server.output).not.toContain(secret);
  });
});
