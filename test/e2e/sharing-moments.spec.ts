import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { testEngine } from '../support/probe.js';
import { accessNow, follow, parallel, share, type Shared } from '../support/sharing.js';

const DESCRIPTORS = '/proc/self/fd';

let alice: Client;

const drive = driveFixture();

/** How many descriptors of this process, and so of the drive within it, the bytes of a file are open on. */
function openOn(name: string): number {
  const path = join(drive.config.dataDir, 'uploads', alice.username, name);
  return readdirSync(DESCRIPTORS).filter((fd) => {
    try {
      return readlinkSync(join(DESCRIPTORS, fd)) === path;
    } catch {
      return false;
    }
  }).length;
}

/**
 * Follows a counted link, and changes something in between: after the request was judged and has opened the bytes, and
 * before it takes its use, for which it has to wait while somebody else's transaction is under way.
 */
async function followAcross(shared: Shared, change: string, parameters: (string | number)[]) {
  await drive.probe.run(testEngine() === 'sqlite' ? 'BEGIN IMMEDIATE' : 'START TRANSACTION');
  await drive.probe.run('UPDATE accesses SET createdAt = createdAt + 1 WHERE id = ?', [shared.access.id]);
  await drive.probe.run(change, parameters);
  const answer = follow(shared.link);
  await expect.poll(() => openOn(shared.file.name)).toBe(1);
  await drive.probe.run('COMMIT');
  return answer;
}

describe.runIf(existsSync(DESCRIPTORS))('between the look at a link and its use', () => {
  beforeAll(async () => {
    alice = await drive.newcomer();
  });

  it.each<[string, string, number, string]>([
    ['UPDATE accesses SET public = 0', 'access', 403, 'Access denied: file or access is not public'],
    ['UPDATE files SET public = 0', 'file', 403, 'Access denied: file or access is not public'],
    ['UPDATE accesses SET expiresAt = 1', 'access', 403, 'Access link has expired'],
    [`UPDATE accesses SET subnets = '["10.0.0.0/8"]'`, 'access', 403, 'Access restricted to specific subnets'],
    [`UPDATE accesses SET ips = '["10.0.0.1"]'`, 'access', 403, 'Access restricted to specific IPs'],
    ['UPDATE accesses SET uses = 3', 'access', 403, 'Access link has reached its TTL limit'],
    ['UPDATE accesses SET oneTimeUse = 1, uses = 1', 'access', 403, 'Access link has already been used'],
    ['DELETE FROM accesses', 'access', 404, 'Access link not found'],
  ])('%s counts', async (change, of, status, text) => {
    const shared = await share(alice, { enableTTL: true, ttl: 3 });
    const id = of === 'file' ? shared.file.id : shared.access.id;
    const [before] = await drive.probe.rows<{ uses: number }>('SELECT uses FROM accesses WHERE id = ?', [
      shared.access.id,
    ]);
    expect(before!.uses).toBe(0);
    const answer = await followAcross(shared, `${change} WHERE id = ?`, [id]);
    expect([answer.status, JSON.parse(answer.bytes.toString()).error]).toEqual([status, text]);
    const [after] = await drive.probe.rows<{ lastUsedAt: number | null }>(
      'SELECT lastUsedAt FROM accesses WHERE id = ?',
      [shared.access.id],
    );
    expect(after?.lastUsedAt ?? null).toBeNull();
    await expect.poll(() => openOn(shared.file.name)).toBe(0);
  });

  it('the account is disabled', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    const answer = await followAcross(shared, 'UPDATE users SET disabled = 1 WHERE username = ?', [alice.username]);
    await drive.probe.run('UPDATE users SET disabled = 0');
    expect(answer.status).toBe(404);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
  });

  it('a limit is raised or restrictions are laid anew that still admit: it works', async () => {
    const shared = await share(alice, { enableTTL: true, ttl: 3, ips: ['127.0.0.1'] });
    const answer = await followAcross(shared, `UPDATE accesses SET ttl = 5, ips = '[]' WHERE id = ?`, [
      shared.access.id,
    ]);
    expect([answer.status, answer.bytes.toString()]).toEqual([200, `bytes of ${shared.file.name}`]);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1, remainingUses: 4 });
  });

  it('leaves nothing open', async () => {
    const shared = await share(alice, { oneTimeUse: true });
    await parallel(30, (index) => follow(shared.link, { method: index % 3 ? 'GET' : 'HEAD' }));
    await expect.poll(() => openOn(shared.file.name)).toBe(0);
  });
});
