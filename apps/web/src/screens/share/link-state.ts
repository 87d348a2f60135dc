import type { Access } from '../../api/client.js';
import type { Word } from '../../words/words.svelte.js';

/** Why a link does not work for anybody; nothing where it does. The server looks in the same order. */
export function endOf(access: Access, filePublic: boolean, now = Date.now()): Word | undefined {
  if (!filePublic) return 'link.filePrivate';
  if (!access.public) return 'link.private';
  if (access.expires && new Date(access.expires).getTime() <= now) return 'link.expired';
  if (access.oneTimeUse && access.used) return 'link.used';
  if (access.remainingUses === 0) return 'link.usedUp';
  return undefined;
}

/** What each reason of a refusal is called. */
export const REFUSALS: Record<string, Word> = {
  public: 'refusal.public',
  subnets: 'refusal.subnets',
  ips: 'refusal.ips',
  expires: 'refusal.expires',
  oneTimeUse: 'refusal.oneTimeUse',
  ttl: 'refusal.ttl',
  password: 'refusal.password',
};
