import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin, environmentOf } from '../support/admin.js';
import type { Client } from '../support/client.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { Pair, SlowUpload } from '../support/pair.js';
import { testEngine } from '../support/probe.js';
import type { Server } from '../support/server.js';
import { follow, parallel, share, tally } from '../support/sharing.js';
import { onS3 } from '../support/store.js';
import { until } from '../support/until.js';

const MIB = 2 ** 20;
const HALF = Buffer.alloc(6 * MIB, 'half');

/** `DB=mariadb BLOBS=s3`: two processes on one database and one bucket, which are killed, frozen and thawed. */
describe.skipIf(!onS3() || testEngine() !== 'mariadb')('two servers of a drive', { timeout: 90_000 }, () => {
  let pair: Pair;
  let alice: Client;
  let atB: Client;
  beforeAll(async () => {
    pair = await Pair.start();
    alice = await pair.a.client.signUp('alice');
    atB = pair.at(pair.b, alice);
  });
  afterAll(() => pair.stop());

  /** @returns an upload of which a half has come, and the id of its record */
  async function underWay(client: Client, name: string): Promise<{ upload: SlowUpload; id: number }> {
    const upload = await SlowUpload.begin(client, name, 2 * HALF.length);
    upload.write(HALF);
    await until(async () => (await pair.count('files', `name = '${name}' AND state = 'pending'`)) === 1);
    // Its first part is on its way to the store.
    await until(async () => (await pair.bucket.multiparts()).some((key) => key.endsWith(`/${name}`)));
    const [row] = await pair.probe.rows<{ id: number }>('SELECT id FROM files WHERE name = ?', [name]);
    return { upload, id: row!.id };
  }
  const isGone = async (id: number) => (await pair.count('files', `id = ${id}`)) === 0;
  const isReady = async (server: Server) => (await server.client.get('/api/health/ready')).status === 200;
  const names = async (client: Client) =>
    (await client.get('/api/files?limit=100')).body.files.map((file: { name: string }) => file.name);

  it('see the same files, and are shown by the status', async () => {
    const file = await alice.file('one.txt', 'bytes');
    expect((await follow(`${atB.url}/api/files/${file.id}/content`, bearer(atB))).bytes.toString()).toBe('bytes');
    expect((await atB.delete(`/api/files/${file.id}`)).status).toBe(200);
    expect((await alice.get(`/api/files/${file.id}`)).status).toBe(404);
    const { json } = await admin(pair.a.config, ['status', '--json'], { environment: settingsOf(pair.a) });
    expect(json[0]!.servers).toEqual([
      expect.objectContaining({ isAlive: true }),
      expect.objectContaining({ isAlive: true }),
    ]);
    const elsewhere = { environment: { ...settingsOf(pair.a), DATA_DIR: temporaryDirectory() } };
    const repair = await admin(pair.a.config, ['storage', 'repair', '--apply'], elsewhere);
    expect([repair.code, repair.err]).toEqual([
      1,
      expect.stringMatching(/at work on this database .*: stop all servers/),
    ]);
  });

  it('do not harm what the other has under way when they start', async () => {
    const { upload } = await underWay(atB, 'through a restart');
    await pair.a.kill('SIGKILL');
    pair = await pair.again('a');
    await pair.a.kill('SIGTERM');
    pair = await pair.again('a');
    expect(await upload.finish(HALF)).toBe(200);
    expect(await names(alice)).toContain('through a restart');
  });

  it('take over what the other left when it was killed, and leave nothing of it', async () => {
    const { id } = await underWay(alice, 'killed');
    await pair.a.kill('SIGKILL');
    await until(() => isGone(id));
    expect((await atB.upload('killed', 'the second try')).status).toBe(200);
    expect(await pair.bucket.multiparts()).toEqual([]);
    pair = await pair.again('a');
  });

  it('publish nothing and leave nothing after having been frozen for longer than a lease', async () => {
    const [large, small] = [await underWay(alice, 'frozen'), await SlowUpload.begin(alice, 'frozen and small', 8)];
    small.write(Buffer.from('1234'));
    await until(async () => (await pair.count('files', "name = 'frozen and small'")) === 1);
    pair.a.process.kill('SIGSTOP');
    await until(() => isGone(large.id));
    await until(async () => (await pair.count('files', "state = 'pending'")) === 0);
    pair.a.process.kill('SIGCONT');
    const statuses = await Promise.all([large.upload.finish(HALF), small.finish(Buffer.from('5678'))]);
    for (const status of statuses) expect(status).toBeGreaterThanOrEqual(500);
    await until(() => isReady(pair.a));
    expect(await pair.bucket.unfinished()).toEqual([]);
    expect((await pair.bucket.keys()).filter((key) => key.includes('frozen'))).toEqual([]);
    expect((await names(alice)).filter((name: string) => name.startsWith('frozen'))).toEqual([]);
    expect((await alice.upload('frozen', 'again')).status).toBe(200);
  });

  it('take no uploads on and are not ready while they cannot renew their lease', async () => {
    const unlock = await pair.probe.plantFault('UPDATE', 'servers');
    await until(async () => !(await isReady(pair.a)));
    const { status, headers } = await alice.upload('in doubt');
    expect([status, headers.get('retry-after')]).toEqual([503, '5']);
    await unlock();
    await until(async () => (await isReady(pair.a)) && (await isReady(pair.b)));
    expect((await alice.upload('in doubt')).status).toBe(200);
  });

  it('give the bytes of a one-time link once', async () => {
    const { link } = await share(alice, { oneTimeUse: true });
    const atOther = link.replace(pair.a.config.publicUrl, pair.b.config.publicUrl);
    const answers = await parallel(50, async (n) => follow(n % 2 === 0 ? link : atOther));
    expect(tally(answers)[200]).toBe(1);
  });

  it('know a request again that the other has carried out', async () => {
    const { id } = await alice.file('by key', 'bytes');
    const key = { 'idempotency-key': `"${crypto.randomUUID()}"` };
    const both = [alice, atB].map((client) => client.with(key).delete(`/api/files/${id}`));
    expect(tally(await Promise.all(both))).toEqual({ 200: 2 });
    expect(await pair.count('receipts', `fileId = ${id}`)).toBe(1);
  });

  it('share the work of removals', async () => {
    const files = await parallel(20, (n) => alice.file(`removed ${n}`));
    await parallel(20, (n) => [alice, atB][n % 2]!.delete(`/api/files/${files[n]!.id}`));
    const receipts = await pair.probe.rows<{ sequence: number }>('SELECT sequence FROM receipts ORDER BY sequence');
    expect(receipts.map(({ sequence }) => sequence)).toEqual(receipts.map((_, n) => n + receipts[0]!.sequence));
  });

  it('heed at once that a session has ended, or an account is shut out, at the other', async () => {
    const bob = await pair.a.client.signUp('bob');
    const bobAtB = pair.at(pair.b, bob);
    expect((await bobAtB.get('/api/files')).status).toBe(200);
    expect((await bob.post('/api/logout', {})).status).toBe(200);
    expect((await bobAtB.get('/api/files')).status).toBe(401);
    const again = await pair.b.client.logIn('bob');
    const againAtA = pair.at(pair.a, again);
    expect((await againAtA.get('/api/files')).status).toBe(200);
    await pair.probe.run("UPDATE users SET disabled = 1 WHERE username = 'bob'");
    expect([(await againAtA.get('/api/files')).status, (await again.get('/api/files')).status]).toEqual([401, 401]);
  });

  it('leave rows and bytes that agree, also once what a dead one may have asked for has been removed again', async () => {
    expect(await pair.settled()).toEqual([]);
  });

  it('leave what a repair undoes, when both have died and none is started', async () => {
    await underWay(alice, 'dead');
    await Promise.all([pair.a.kill(), pair.b.kill()]);
    const command = (...args: string[]) => admin(pair.a.config, args, { environment: settingsOf(pair.a) });
    await until(async () => (await command('storage', 'check')).code === 2);
    expect((await command('storage', 'repair', '--apply')).code).toBe(0);
    expect((await command('storage', 'check')).code).toBe(0);
    expect(await pair.count('files', "state = 'pending'")).toBe(0);
    expect(await pair.bucket.unfinished()).toEqual([]);
  });
});

const bearer = ({ token }: Client) => ({ headers: { authorization: `Bearer ${token}` } });

function settingsOf({ config, environment }: Server): NodeJS.ProcessEnv {
  const { STORAGE_URL, SERVER_LEASE } = environment;
  return { ...environmentOf(config), STORAGE_URL, SERVER_LEASE };
}
