import { t, type Word } from '../../words/words.svelte.js';

/** The published reasons for which a link is refused, for people. */
const BY_TEXT: Record<string, Word> = {
  'Access denied: file or access is not public': 'refusal.public',
  'Access restricted to specific subnets': 'refusal.subnets',
  'Access restricted to specific IPs': 'refusal.ips',
  'Access link has expired': 'refusal.expires',
  'Access link has already been used': 'refusal.oneTimeUse',
  'Access link has reached its TTL limit': 'refusal.ttl',
};

export function explainRefusal(reason: unknown): string {
  return t(BY_TEXT[String(reason)] ?? 'refusal.other');
}
