import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { Drive } from '../support/drive.js';
import { follow, share } from '../support/sharing.js';
import { TusClient } from '../support/tus.js';

type Event = Record<string, any>;

const directoryOf = (drive: Drive) => join(drive.config.dataDir, 'audit');

/** All that is written down, as an admin finds it on the disk. */
function eventsOf(drive: Drive): Event[] {
  const directory = directoryOf(drive);
  const text = readdirSync(directory).map((name) => readFileSync(join(directory, name), 'utf8'));
  return text.flatMap((lines) => lines.split('\n').filter((line) => line !== '')).map((line) => JSON.parse(line));
}

describe('what is written down', () => {
  let alice: Client;
  let aliceId: number;
  let bob: Client;
  const drive = driveFixture();
  beforeAll(async () => {
    alice = await drive.signUp('alice');
    bob = await drive.signUp('bob');
    aliceId = (await alice.get('/api/user')).body.user.id;
  });

  /** The events of what `work` does. */
  async function during(work: () => Promise<unknown>): Promise<Event[]> {
    const before = eventsOf(drive).length;
    await work();
    return eventsOf(drive).slice(before);
  }

  const from = (event: string, more: object) =>
    expect.objectContaining({
      at: expect.any(String),
      event,
      address: '127.0.0.1',
      requestId: expect.any(String),
      ...more,
    });

  it('says who uploaded, made public, downloaded and deleted which file, by what and from where', async () => {
    let fileId = 0;
    const events = await during(async () => {
      fileId = (await alice.file('a secret name.txt', '12345')).id;
      await alice.put(`/api/files/${fileId}/access`, { public: true });
      await (await alice.fetch(`/api/files/${fileId}/content`)).arrayBuffer();
      await alice.fetch(`/api/files/${fileId}/content`, { method: 'HEAD' });
      await alice.delete(`/api/files/${fileId}`);
    });
    const common = { by: aliceId, userId: aliceId, via: 'jwt', result: 'ok', fileId };
    expect(events).toEqual([
      from('file-uploaded', { ...common, size: 5 }),
      from('file-access-changed', { ...common, public: true }),
      from('file-downloaded', common),
      from('file-deleted', common),
    ]);
    expect(JSON.stringify(eventsOf(drive))).not.toContain('a secret name');
  });

  it('has a resumable upload from its beginning to the file that it became', async () => {
    const events = await during(async () => {
      const tus = new TusClient(alice);
      const path = await tus.begin('parts.bin', 6);
      await tus.append(path, 0, 'abc');
      await tus.append(path, 3, 'def');
    });
    expect(events).toEqual([
      from('upload-begun', { by: aliceId, length: 6 }),
      from('file-uploaded', { by: aliceId, size: 6, fileId: expect.any(Number) }),
    ]);
  });

  it('has the uses of links and why they were refused, and never a link', async () => {
    const { link, access } = await share(alice, { oneTimeUse: true });
    const events = await during(async () => {
      for (let n = 0; n < 2; n += 1) await follow(link);
      await follow(link.replace(/[0-9a-f]{32}/, '0'.repeat(32)));
    });
    expect(events).toEqual([
      from('link-used', { accessId: access.id, fileId: access.fileId, result: 'ok' }),
      from('link-refused', { accessId: access.id, fileId: access.fileId, result: 'oneTimeUse' }),
      from('link-unknown', { result: 'refused' }),
    ]);
    expect(JSON.stringify(eventsOf(drive))).not.toContain(access.hash);
  });

  it('has log-ins, and those that failed', async () => {
    const events = await during(async () => {
      await drive.anonymous().logIn('alice');
      await drive.anonymous().post('/api/login', { username: 'alice', password: 'wrong password' });
    });
    expect(events).toEqual([
      from('login', { userId: aliceId, result: 'ok', sessionId: expect.any(String) }),
      from('login-failed', { username: 'alice', result: 'refused' }),
    ]);
    expect(JSON.stringify(eventsOf(drive))).not.toContain(PASSWORD);
  });

  it('has what somebody tried and may not, and changes that did not come about', async () => {
    const { id: fileId } = await alice.file('hers');
    const bobId = (await bob.get('/api/user')).body.user.id;
    const events = await during(async () => {
      expect((await bob.delete(`/api/files/${fileId}`)).status).toBe(403);
      expect((await bob.get('/api/files/999999')).status).toBe(404);
      expect((await alice.upload('hers', 'again')).status).toBe(409);
    });
    expect(events).toEqual([
      from('request-refused', { by: bobId, result: 'mayNotDeleteFile', route: 'DELETE /api/files/:fileId', fileId }),
      from('request-refused', { by: aliceId, result: 'nameTaken', route: 'POST /api/upload' }),
    ]);
  });

  it('is for nobody else on this machine', () => {
    const directory = directoryOf(drive);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(directory)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
  });
});

describe('how much is written down', () => {
  let drive: Drive | undefined;
  afterEach(() => drive?.destroy());

  it.each([
    ['full', '127.0.0.1'],
    ['network', '127.0.0.0/24'],
    ['none', undefined],
  ])('of an address, with AUDIT_ADDRESS=%s: %s', async (AUDIT_ADDRESS, address) => {
    drive = await Drive.start({ AUDIT_ADDRESS });
    await drive.signUp('alice');
    expect(eventsOf(drive).map((event) => [event.event, event.address])).toEqual([
      ['sign-up', address],
      ['login', address],
    ]);
  });

  it('is nothing with AUDIT=off', async () => {
    drive = await Drive.start({ AUDIT: 'off' });
    await drive.signUp('alice');
    expect(readdirSync(drive.config.dataDir)).not.toContain('audit');
  });

  it('is kept for AUDIT_KEEP', async () => {
    drive = await Drive.start({ AUDIT_KEEP: '2d' });
    await drive.signUp('alice');
    const directory = directoryOf(drive);
    const dayBefore = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
    for (const days of [1, 2, 3, 40]) writeFileSync(join(directory, `${dayBefore(days)}.jsonl`), '');
    await drive.restart();
    await drive.signUp('bob');
    expect(readdirSync(directory).toSorted()).toEqual([2, 1, 0].map((days) => `${dayBefore(days)}.jsonl`));
  });
});
