import { ContractError } from '@app/contract';
import type { Access } from '@app/database';
import { parseAddress, parseNetwork } from './addresses.js';
import type { AccessSettingsDto } from './dto/access-settings.dto.js';
import { parseTime } from './time.js';

/** The part of an access that its owner sets. */
export type AccessSettings = Pick<
  Access,
  'name' | 'subnets' | 'ips' | 'expiresAt' | 'public' | 'oneTimeUse' | 'enableTTL' | 'ttl'
>;

export const DEFAULT_SETTINGS: AccessSettings = {
  name: '',
  subnets: [],
  ips: [],
  expiresAt: null,
  public: false,
  oneTimeUse: false,
  enableTTL: false,
  ttl: null,
};

/**
 * Lays what an owner has given, already validated, over what was there. Addresses and networks get their canonical form,
 * each once.
 * @throws ContractError badRequest when the number of uses is limited, but to none
 */
export function applySettings(before: AccessSettings, given: AccessSettingsDto): AccessSettings {
  const settings = {
    name: given.name ?? before.name,
    subnets: given.subnets ? canonical(given.subnets, parseNetwork) : before.subnets,
    ips: given.ips ? canonical(given.ips, parseAddress) : before.ips,
    expiresAt: given.expires === undefined ? before.expiresAt : expiryOf(given.expires),
    public: given.public ?? before.public,
    oneTimeUse: given.oneTimeUse ?? before.oneTimeUse,
    enableTTL: given.enableTTL ?? before.enableTTL,
    ttl: given.ttl ?? before.ttl,
  };
  if (settings.enableTTL && settings.ttl === null) {
    const text = 'ttl is required when enableTTL is true';
    throw new ContractError('badRequest', { text, fields: { details: { ttl: [text] } } });
  }
  return settings;
}

/** Whether the limit of uses has changed, so that those taken under the old one do not count against the new one. */
export function startsUsesAnew(before: AccessSettings, after: AccessSettings): boolean {
  return before.oneTimeUse !== after.oneTimeUse || before.enableTTL !== after.enableTTL || before.ttl !== after.ttl;
}

function canonical(entries: string[], parse: (text: string) => string | undefined): string[] {
  return [...new Set(entries.map((entry) => parse(entry) ?? entry))];
}

function expiryOf(expires: string | null): number | null {
  return expires === null ? null : (parseTime(expires) ?? null);
}
