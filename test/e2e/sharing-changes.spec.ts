import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { accessNow, follow, share, type Shared } from '../support/sharing.js';

const drive = driveFixture();
let alice: Client;
beforeAll(async () => void (alice = await drive.signUp('alice')));

const change = ({ access }: Shared, body: unknown) => alice.put(`/api/accesses/${access.id}`, body);

describe('a change', () => {
  const SETTINGS = {
    name: 'before',
    subnets: ['127.0.0.0/8'],
    ips: ['127.0.0.1'],
    expires: '2199-01-31T12:00:00.000Z',
    public: true,
    oneTimeUse: false,
    ttl: 3,
    enableTTL: true,
  };

  it.each<[Record<string, unknown>]>([
    [{ name: 'after' }],
    [{ name: '' }],
    [{ subnets: [] }],
    [{ ips: ['10.0.0.1', '::1'] }],
    [{ expires: '2199-02-01T00:00:00.000Z' }],
    [{ expires: null }],
    [{ public: false }],
    [{ oneTimeUse: true }],
    [{ ttl: 5 }],
    [{ enableTTL: false }],
    [{}],
  ])('%j leaves everything else as it is', async (given) => {
    const shared = await share(alice, SETTINGS);
    const { status, body } = await change(shared, given);
    expect([status, body.message]).toEqual([200, 'Access updated successfully']);
    const derived = { remainingUses: body.access.remainingUses };
    expect(body.access).toEqual({ ...shared.access, ...given, ...derived });
    expect(await accessNow(alice, shared)).toEqual(body.access);
  });

  it('comes by either path', async () => {
    const shared = await share(alice);
    const { status, body } = await alice.put(`/api/accesses/${shared.access.id}/access`, { name: 'by the other' });
    expect([status, body.access.name]).toEqual([200, 'by the other']);
  });

  it.each([[{ ttl: 4 }], [{ enableTTL: false }], [{ oneTimeUse: true }]])('%j starts the uses anew', async (given) => {
    const shared = await share(alice, SETTINGS);
    await follow(shared.link);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1, remainingUses: 2 });
    expect((await change(shared, given)).body.access).toMatchObject({ uses: 0, used: false });
    expect((await accessNow(alice, shared)).lastUsedAt).not.toBeNull();
  });

  it('starts nothing anew that is not changed', async () => {
    const shared = await share(alice, SETTINGS);
    await follow(shared.link);
    const { body } = await change(shared, { ...SETTINGS, name: 'after', ips: [], public: false });
    expect(body.access).toMatchObject({ uses: 1, remainingUses: 2, name: 'after' });
  });

  it('needs a number of uses before it limits them, and takes one that was there', async () => {
    const shared = await share(alice);
    expect((await change(shared, { enableTTL: true })).body.error).toBe('ttl is required when enableTTL is true');
    expect((await change(shared, { ttl: 2 })).body.access).toMatchObject({ ttl: 2, remainingUses: null });
    expect((await change(shared, { enableTTL: true })).body.access).toMatchObject({ ttl: 2, remainingUses: 2 });
  });
});
