import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccessTerms, isCounted, judge, remainingUses, type Rule, RULES } from './access-policy.js';
import { parseAddress, parseNetwork } from './addresses.js';

const NOW = Date.UTC(2030, 0, 31, 12);
const OPEN: AccessTerms = {
  public: true,
  subnets: [],
  ips: [],
  expiresAt: null,
  oneTimeUse: false,
  enableTTL: false,
  ttl: null,
  uses: 0,
};
const PUBLIC = { public: true };

interface Row {
  title: string;
  access?: Partial<AccessTerms>;
  file?: { public: boolean };
  address?: string;
  refusedBy?: Rule;
}

const TABLE: Row[] = [
  { title: 'a link without restrictions works' },
  { title: 'for what is no address, too', address: 'unknown' },
  { title: 'not of a private access', access: { public: false }, refusedBy: 'public' },
  { title: 'not of a private file', file: { public: false }, refusedBy: 'public' },
  { title: 'from a listed network', access: { subnets: ['192.168.0.0/16', '10.0.0.0/8'] }, address: '10.1.2.3' },
  { title: 'from it in IPv6 form', access: { subnets: ['10.0.0.0/8'] }, address: '::ffff:10.1.2.3' },
  { title: 'not from another', access: { subnets: ['10.0.0.0/8'] }, address: '11.1.2.3', refusedBy: 'subnets' },
  { title: 'not from no address', access: { subnets: ['0.0.0.0/0'] }, address: 'unknown', refusedBy: 'subnets' },
  { title: 'not from no address at all', access: { subnets: ['::/0'] }, address: '', refusedBy: 'subnets' },
  { title: 'from a listed IPv6 network', access: { subnets: ['2001:db8::/32'] }, address: '2001:DB8::7' },
  { title: 'from a listed address', access: { ips: ['192.0.2.7'] }, address: '192.0.2.7' },
  { title: 'from it in IPv6 form', access: { ips: ['192.0.2.7'] }, address: '::ffff:192.0.2.7' },
  { title: 'from an IPv6 address in any form', access: { ips: ['2001:db8::7'] }, address: '2001:DB8:0::0:7' },
  { title: 'from one with a zone', access: { ips: ['fe80::1'] }, address: 'fe80::1%eth0' },
  { title: 'not from the next one', access: { ips: ['192.0.2.7'] }, address: '192.0.2.70', refusedBy: 'ips' },
  { title: 'only where both lists agree', access: { subnets: ['10.0.0.0/8'], ips: ['10.0.0.1'] }, address: '10.0.0.1' },
  {
    title: 'not where only the network is right',
    access: { subnets: ['10.0.0.0/8'], ips: ['10.0.0.1'] },
    address: '10.0.0.2',
    refusedBy: 'ips',
  },
  { title: 'until it expires', access: { expiresAt: NOW + 1 } },
  { title: 'not from then on', access: { expiresAt: NOW }, refusedBy: 'expires' },
  { title: 'once', access: { oneTimeUse: true } },
  { title: 'not twice', access: { oneTimeUse: true, uses: 1 }, refusedBy: 'oneTimeUse' },
  { title: 'as often as it may', access: { enableTTL: true, ttl: 3, uses: 2 } },
  { title: 'not more often', access: { enableTTL: true, ttl: 3, uses: 3 }, refusedBy: 'ttl' },
  { title: 'whatever its number of uses, while that is off', access: { ttl: 3, uses: 9 } },
  {
    title: 'once, also where more are allowed',
    access: { oneTimeUse: true, enableTTL: true, ttl: 3, uses: 1 },
    refusedBy: 'oneTimeUse',
  },
];

describe('judge', () => {
  it.each(TABLE)('$title ($refusedBy)', ({ access, file = PUBLIC, address = '127.0.0.1', refusedBy }) => {
    expect(judge({ ...OPEN, ...access }, file, address, NOW).refusedBy).toBe(refusedBy);
  });

  it('looks at the rules in their order, and gives the first that fails as the reason', () => {
    const broken: Record<Rule, Partial<AccessTerms>> = {
      public: { public: false },
      subnets: { subnets: ['10.0.0.0/8'] },
      ips: { ips: ['10.0.0.1'] },
      expires: { expiresAt: NOW },
      oneTimeUse: { oneTimeUse: true, uses: 5 },
      ttl: { enableTTL: true, ttl: 5, uses: 5 },
    };
    fc.assert(
      fc.property(fc.subarray([...RULES]), (rules) => {
        const access = Object.assign({ ...OPEN }, ...rules.map((rule) => broken[rule])) as AccessTerms;
        const { refusedBy, checks } = judge(access, PUBLIC, '127.0.0.1', NOW);
        expect(checks.map(({ rule }) => rule)).toEqual(RULES);
        expect(checks.filter(({ passed }) => !passed).map(({ rule }) => rule)).toEqual(rules);
        expect(refusedBy).toBe(rules[0]);
      }),
    );
  });

  const address = fc.oneof(fc.ipV4(), fc.ipV6());
  const network = fc
    .tuple(address, fc.nat(128))
    .map(([base, bits]) => parseNetwork(`${base}/${bits}`))
    .filter((text) => text !== undefined);
  const terms = fc.record<AccessTerms>({
    public: fc.boolean(),
    subnets: fc.array(network, { maxLength: 3 }),
    ips: fc.array(address.map((text) => parseAddress(text)!).filter(Boolean), { maxLength: 3 }),
    expiresAt: fc.option(fc.integer({ min: NOW - 2, max: NOW + 2 })),
    oneTimeUse: fc.boolean(),
    enableTTL: fc.boolean(),
    ttl: fc.integer({ min: 1, max: 4 }),
    uses: fc.nat(5),
  });

  it('refuses nobody for a restriction that is lifted', () => {
    fc.assert(
      fc.property(terms, address, (access, caller) => {
        const lifted = { ...access, subnets: [], ips: [], expiresAt: null, oneTimeUse: false, enableTTL: false };
        expect(judge(lifted, PUBLIC, caller, NOW).refusedBy).toBe(access.public ? undefined : 'public');
      }),
    );
  });

  it('admits a listed address in every form, if nothing else is against it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (caller) => {
        const access = { ...OPEN, ips: [parseAddress(caller)!], subnets: [parseNetwork(`${caller}/24`)!] };
        expect(judge(access, PUBLIC, `::ffff:${caller}`, NOW).refusedBy).toBeUndefined();
      }),
    );
  });

  it('never works again by more uses or later', () => {
    fc.assert(
      fc.property(terms, address, fc.nat(3), fc.nat(3), (access, caller, uses, later) => {
        const before = judge(access, PUBLIC, caller, NOW);
        const after = judge({ ...access, uses: access.uses + uses }, PUBLIC, caller, NOW + later);
        if (before.refusedBy) expect(after.refusedBy).toBeDefined();
      }),
    );
  });

  it('works while uses are left, and not longer', () => {
    fc.assert(
      fc.property(terms, (access) => {
        const free = { ...access, public: true, subnets: [], ips: [], expiresAt: null };
        const left = remainingUses(free);
        expect(left === null).toBe(!isCounted(free));
        expect(judge(free, PUBLIC, '127.0.0.1', NOW).refusedBy === undefined).toBe(left === null || left > 0);
      }),
    );
  });
});
