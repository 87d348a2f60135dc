import { ContractError } from '@app/contract';
import type { Access } from '@app/database';
import { parseAddress, parseNetwork } from './addresses.js';
import type { AccessSettingsDto } from './dto/access-settings.dto.js';
import { parseTime } from '@app/http';

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
 * @throws ContractError badRequest when the number of uses is limited, but to none, or for a new expiry that is past; one
 * that is past already may be sent back as it was
 */
export function applySettings(before: AccessSettings, given: AccessSettingsDto): AccessSettings {
  const settings = {
    name: given.name ?? before.name,
    subnets: given.subnets ? canonical(given.subnets, parseNetwork) : before.subnets,
    ips: given.ips ? canonical(given.ips, parseAddress) : before.ips,
    expiresAt: given.expires === undefined ? before.expiresAt : expiryOf(given.expires, before.expiresAt),
    public: given.public ?? before.public,
    oneTimeUse: given.oneTimeUse ?? before.oneTimeUse,
    enableTTL: given.enableTTL ?? before.enableTTL,
    ttl: given.ttl === undefined ? before.ttl : given.ttl,
  };
  if (settings.enableTTL && settings.ttl === null) {
    throw wrong('ttl', 'ttl is required when enableTTL is true');
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

function expiryOf(expires: string | null, before: number | null): number | null {
  const time = expires === null ? null : (parseTime(expires) ?? null);
  if (time !== null && time !== before && time <= Date.now()) throw wrong('expires', 'expires must be in the future');
  return time;
}

function wrong(field: keyof AccessSettingsDto, text: string): ContractError {
  return new ContractError('badRequest', { text, fields: { details: { [field]: [text] } } });
}
