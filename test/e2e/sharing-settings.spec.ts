import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { share, type Shared } from '../support/sharing.js';

let alice: Client;
let fileId: number;

const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
  fileId = (await alice.file('a.txt')).id;
});

const rows = () => drive.probe.rows('SELECT * FROM accesses ORDER BY id');
const create = (body: unknown) => alice.post(`/api/files/${fileId}/accesses`, body);
const change = ({ access }: Shared, body: unknown) => alice.put(`/api/accesses/${access.id}`, body);

describe('what an owner says about an access', () => {
  it('is stored in its canonical form', async () => {
    const { status, body } = await create({
      name: "Büro 🖨 'a' 100%",
      subnets: ['10.1.2.3/8', '10.0.0.0/8', '2001:DB8::5/32', '::ffff:192.168.7.7/112'],
      ips: ['::ffff:192.0.2.7', '192.0.2.7', '2001:DB8:0::1'],
      expires: '2199-01-31t12:00:00.25+02:00',
      public: true,
      oneTimeUse: true,
      ttl: 3,
      enableTTL: true,
    });
    expect(status).toBe(200);
    expect(body.access).toMatchObject({
      name: "Büro 🖨 'a' 100%",
      subnets: ['10.0.0.0/8', '2001:db8::/32', '192.168.0.0/16'],
      ips: ['192.0.2.7', '2001:db8::1'],
      expires: '2199-01-31T10:00:00.250Z',
      public: true,
      oneTimeUse: true,
      used: false,
      ttl: 3,
      enableTTL: true,
      remainingUses: 1,
    });
    const [row] = await drive.probe.rows('SELECT * FROM accesses WHERE id = ?', [body.access.id]);
    expect(row).toMatchObject({
      subnets: '["10.0.0.0/8","2001:db8::/32","192.168.0.0/16"]',
      ips: '["192.0.2.7","2001:db8::1"]',
      expiresAt: Date.UTC(2199, 0, 31, 10, 0, 0, 250),
    });
  });

  it('may be as long as it may be', async () => {
    const subnets = Array.from({ length: 100 }, (_, index) => `2001:db8:1111:2222:3333:4444:5555:${index}/128`);
    const { status, body } = await create({ name: '😀'.repeat(255), subnets, ttl: 2147483647, enableTTL: true });
    expect(status).toBe(200);
    expect(body.access).toMatchObject({ name: '😀'.repeat(255), remainingUses: 2147483647 });
    expect(body.access.subnets).toHaveLength(100);
  });

  it.each([
    [
      { subnets: ['10.0.0.0/8', '10.0.0.0/33'] },
      'subnets has an entry that is no network in CIDR notation: "10.0.0.0/33"',
    ],
    [{ subnets: ['10.1'] }, 'subnets has an entry that is no network in CIDR notation: "10.1"'],
    [{ subnets: ['10.0.0.0'] }, 'subnets has an entry that is no network in CIDR notation: "10.0.0.0"'],
    [{ subnets: ['010.0.0.0/8'] }, 'subnets has an entry that is no network in CIDR notation: "010.0.0.0/8"'],
    [{ subnets: ['2001:db8::/129'] }, 'subnets has an entry that is no network in CIDR notation: "2001:db8::/129"'],
    [{ ips: ['192.0.2.7', '010.0.0.1'] }, 'ips has an entry that is no IP address: "010.0.0.1"'],
    [{ ips: ['10.1'] }, 'ips has an entry that is no IP address: "10.1"'],
    [{ ips: ['0x7f.0.0.1'] }, 'ips has an entry that is no IP address: "0x7f.0.0.1"'],
    [{ ips: ['10.0.0.0/8'] }, 'ips has an entry that is no IP address: "10.0.0.0/8"'],
    [{ ips: [''] }, 'ips has an entry that is no IP address: ""'],
    [{ ips: [7] }, 'ips has an entry that is no IP address: 7'],
    [{ ips: [null] }, 'ips has an entry that is no IP address: null'],
    [{ ips: [['192.0.2.7']] }, 'ips has an entry that is no IP address: ["192.0.2.7"]'],
    [{ ips: '192.0.2.7' }, 'ips must be a list'],
    [{ ips: { 0: '192.0.2.7' } }, 'ips must be a list'],
    [{ ips: null }, 'ips must be a list'],
    [{ ips: Array(101).fill('192.0.2.7') }, 'ips must have at most 100 entries'],
    [{ subnets: Array(101).fill('10.0.0.0/8') }, 'subnets must have at most 100 entries'],
    [{ expires: '2001-01-31T12:00:00Z' }, 'expires must be in the future'],
    [{ expires: '2199-02-30T12:00:00Z' }, /^expires must be a date and time as in RFC 3339/],
    [{ expires: '2199-01-31' }, /^expires must be a date/],
    [{ expires: 7952342400000 }, /^expires must be a date/],
    [{ expires: '' }, /^expires must be a date/],
    [{ public: 'true' }, /^public must be a boolean/],
    [{ public: null }, /^public must be a boolean/],
    [{ oneTimeUse: 1 }, /^oneTimeUse must be a boolean/],
    [{ enableTTL: 'yes' }, /^enableTTL must be a boolean/],
    [{ enableTTL: true }, 'ttl is required when enableTTL is true'],
    [{ ttl: 0, enableTTL: true }, /^ttl must not be less than 1/],
    [{ ttl: -1 }, /^ttl must not be less than 1/],
    [{ ttl: 1.5 }, /^ttl must be an integer/],
    [{ ttl: '3' }, /^ttl must/],
    [{ ttl: 2147483648 }, /^ttl must not be greater than 2147483647/],
    [{ ttl: null, enableTTL: true }, 'ttl is required when enableTTL is true'],
    [{ name: 'x'.repeat(256) }, 'name must be text of 0 to 255 characters'],
    [{ name: 7 }, /^name must be text/],
    [{ name: null }, /^name must be text/],
    [{ name: 'a\nb' }, 'name must not have control characters'],
    [{ name: 'a\0b' }, 'name must not have control characters'],
    [{ clicks: 0 }, /clicks should not exist/],
  ])('is refused where it is wrong: %j', async (wrong, text) => {
    const there = await share(alice);
    const before = await rows();
    for (const { status, body } of [await create(wrong), await change(there, { name: 'changed', ...wrong })]) {
      expect(status).toBe(400);
      expect(body.error).toMatch(text);
      expect(body.details).toBeTypeOf('object');
    }
    expect(await rows()).toEqual(before);
  });

  it.each([{ uses: 7 }, { link: 'f'.repeat(32) }, { fileId: 1 }, { refusals: {} }])(
    "is the drive's own matter: %j is refused for a new access and not looked at for one that is there",
    async (own) => {
      const there = await share(alice);
      const before = await rows();
      expect((await create(own)).body.error).toBe(`property ${Object.keys(own)[0]} should not exist`);
      expect((await change(there, own)).status).toBe(200);
      expect(await rows()).toEqual(before);
    },
  );

  it.each([
    ['[]', 'application/json'],
    ['null', 'application/json'],
    ['"public"', 'application/json'],
    ['7', 'application/json'],
    ['{"public":true', 'application/json'],
    ['public=true', 'application/x-www-form-urlencoded'],
    ['{"public":true}', 'text/plain'],
  ])('is refused where it is no object: %s as %s', async (text, contentType) => {
    const before = await rows();
    const { status, body } = await alice.request(`/api/files/${fileId}/accesses`, {
      method: 'POST',
      body: text,
      headers: { 'content-type': contentType },
    });
    expect([status, body.error]).toEqual([400, 'Invalid request body']);
    expect(await rows()).toEqual(before);
  });
});
