import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { until } from '../support/until.js';

/** The value of a line of the text, such as `name{label="x"}`; undefined where there is none. */
function valueIn(text: string, name: string): number | undefined {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}

describe('metrics for admins', () => {
  let admin: Client;
  let alice: Client;
  const drive = driveFixture({ METRICS: 'on' });
  beforeAll(async () => {
    admin = await drive.signUp('root');
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'root'");
    alice = await drive.signUp('alice');
  });

  const read = async () => (await admin.fetch('/api/metrics')).text();

  it('are for nobody else', async () => {
    expect(await drive.anonymous().get('/api/metrics')).toMatchObject({
      status: 401,
      body: { code: 'not_authenticated' },
    });
    expect(await alice.get('/api/metrics')).toMatchObject({ status: 403, body: { code: 'admin_required' } });
    const { body } = await admin.post('/api/user/tokens', { name: 'scraper', scopes: ['files:read'] });
    const asToken = await admin.fetch('/api/metrics', { headers: { authorization: `Bearer ${body.token}` } });
    expect(asToken.status).toBe(403);
  });

  it('tell what was answered, what happened, and how the drive is', async () => {
    const { id } = await alice.file('counted.txt', '12345');
    expect((await alice.delete(`/api/files/${id}`)).status).toBe(200);
    await alice.file('stays.txt', '123');
    await alice.post('/api/login', { username: 'alice', password: 'wrong password' });
    const response = await admin.fetch('/api/metrics');
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const text = await response.text();
    const deleted =
      'defdrive_http_request_duration_seconds_count{method="DELETE",route="/api/files/:fileId",status="200"}';
    expect(valueIn(text, deleted)).toBe(1);
    expect(valueIn(text, 'defdrive_events_total{event="file-deleted",reason=""}')).toBe(1);
    expect(valueIn(text, 'defdrive_events_total{event="login-failed",reason=""}')).toBe(1);
    expect(valueIn(text, 'defdrive_http_bytes_total{direction="received"}')).toBeGreaterThan(500);
    expect([valueIn(text, 'defdrive_files'), valueIn(text, 'defdrive_file_bytes')]).toEqual([1, 3]);
    expect([valueIn(text, 'defdrive_database_up'), valueIn(text, 'defdrive_storage_up')]).toEqual([1, 1]);
    const statements = ['select', 'insert', 'delete', 'commit'].map((kind) =>
      valueIn(text, `defdrive_database_statement_duration_seconds_count{kind="${kind}"}`),
    );
    expect(statements.every((count) => count! > 0)).toBe(true);
    expect(valueIn(text, 'nodejs_eventloop_lag_p99_seconds')).toBeDefined();
  });

  it('know what is under way, until it is not any more', async () => {
    const size = 64 * 1024 * 1024;
    const { id } = await alice.file('big.bin', Buffer.alloc(size));
    expect(valueIn(await read(), 'defdrive_transfers_under_way{direction="up"}')).toBe(0);
    const download = await alice.fetch(`/api/files/${id}/content`);
    expect(valueIn(await read(), 'defdrive_transfers_under_way{direction="down"}')).toBe(1);
    expect((await download.arrayBuffer()).byteLength).toBe(size);
    await until(async () => valueIn(await read(), 'defdrive_transfers_under_way{direction="down"}') === 0);
  });

  it('know of removals that wait, and for how long', async () => {
    await drive.probe.run(
      "INSERT INTO blobRemovals (ownerId, nameKey, storageId, storageKey, attempts, nextAttemptAt, createdAt) VALUES (1, 'n', 'elsewhere', 'k', 3, 9e15, ?)",
      [Date.now() - 60_000],
    );
    const text = await read();
    expect([valueIn(text, 'defdrive_removals_waiting'), valueIn(text, 'defdrive_removals_failing')]).toEqual([1, 1]);
    expect(valueIn(text, 'defdrive_removals_oldest_seconds')).toBeGreaterThanOrEqual(60);
  });

  it('hold nothing secret: no name, no address, no token', async () => {
    const text = await read();
    for (const secret of ['alice', 'counted', '127.0.0.1', alice.token!]) expect(text).not.toContain(secret);
  });
});

describe('metrics for a network', () => {
  it.each([
    ['127.0.0.0/8', 200],
    ['10.0.0.0/8, 127.0.0.1', 200],
    ['10.0.0.0/8', 401],
    ['off', 404],
  ])('with METRICS=%s answer %d', async (METRICS, status) => {
    const drive = await Drive.start({ METRICS });
    expect((await drive.anonymous().fetch('/api/metrics')).status).toBe(status);
    await drive.destroy();
  });
});
