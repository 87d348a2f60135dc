import type { ErrorName } from '@app/contract';
import type { Access, File } from '@app/database';
import { type Address, isWithin, readCaller } from './addresses.js';

/** What a link may be refused by, in the order in which it is looked at: the first one that fails is the reason. */
export const RULES = ['public', 'subnets', 'ips', 'expires', 'oneTimeUse', 'ttl'] as const;
export type Rule = (typeof RULES)[number];
/** What refusals are counted by: a rule, or a password that was wrong. */
export const COUNTED_REFUSALS = [...RULES, 'password'] as const;
export type CountedRefusal = (typeof COUNTED_REFUSALS)[number];

/** What a stranger is told when a rule refuses. */
export const REFUSALS: Record<Rule, ErrorName> = {
  public: 'linkNotPublic',
  subnets: 'linkSubnet',
  ips: 'linkIp',
  expires: 'linkExpired',
  oneTimeUse: 'linkUsed',
  ttl: 'linkTtl',
};

/** What an access says about who may use it. */
export type AccessTerms = Pick<
  Access,
  'public' | 'subnets' | 'ips' | 'expiresAt' | 'oneTimeUse' | 'enableTTL' | 'ttl' | 'uses'
>;

export interface Check {
  readonly rule: Rule;
  readonly passed: boolean;
}

export interface Verdict {
  /** The reason of a refusal; none: the link works. */
  readonly refusedBy: Rule | undefined;
  /** Every rule in turn; one that the access does not set is passed. */
  readonly checks: readonly Check[];
}

interface Case {
  readonly access: AccessTerms;
  readonly file: Pick<File, 'public'>;
  readonly caller: Address | undefined;
  readonly now: number;
}

const PASSES: Record<Rule, (of: Case) => boolean> = {
  public: ({ access, file }) => access.public && file.public,
  subnets: ({ access: { subnets }, caller }) =>
    subnets.length === 0 || (caller !== undefined && subnets.some((network) => isWithin(caller, network))),
  ips: ({ access: { ips }, caller }) => ips.length === 0 || (caller !== undefined && ips.includes(caller.toString())),
  expires: ({ access: { expiresAt }, now }) => expiresAt === null || now < expiresAt,
  oneTimeUse: ({ access }) => !access.oneTimeUse || access.uses < 1,
  ttl: ({ access }) => !access.enableTTL || access.uses < (access.ttl ?? 0),
};

/**
 * Decides whether a link works: the one place where its rules are. Pure, so that the owner's dry run says just what a
 * stranger would get.
 * @param address the caller's, as text; what is no address passes only where addresses are not restricted
 * @param now milliseconds since 1970
 */
export function judge(access: AccessTerms, file: Pick<File, 'public'>, address: string, now: number): Verdict {
  const of = { access, file, caller: readCaller(address), now };
  const checks = RULES.map((rule) => ({ rule, passed: PASSES[rule](of) }));
  return { refusedBy: checks.find(({ passed }) => !passed)?.rule, checks };
}

/** Whether it lets anybody in now, wherever from. @param now milliseconds since 1970 */
export function isOpen(access: AccessTerms, file: Pick<File, 'public'>, now: number): boolean {
  const of = { access, file, caller: undefined, now };
  return RULES.every((rule) => rule === 'subnets' || rule === 'ips' || PASSES[rule](of));
}

/** Whether the number of uses is limited, so that each of them has to be taken. */
export function isCounted({ oneTimeUse, enableTTL }: Pick<Access, 'oneTimeUse' | 'enableTTL'>): boolean {
  return oneTimeUse || enableTTL;
}

/** Uses that are left; null for a link without a limit. */
export function remainingUses(access: Pick<Access, 'oneTimeUse' | 'enableTTL' | 'ttl' | 'uses'>): number | null {
  if (!isCounted(access)) return null;
  const allowed = Math.min(access.oneTimeUse ? 1 : Infinity, access.enableTTL ? (access.ttl ?? 0) : Infinity);
  return Math.max(0, allowed - access.uses);
}
