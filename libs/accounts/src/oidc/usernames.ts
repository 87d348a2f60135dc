import { foldUsername, isUsername } from '../username.js';
import type { Profile } from './identity-provider.js';

const MAX = 32;
/** Names that are tried with a number behind, before one is made up. */
const NUMBERED = 20;

/**
 * Names for a new account, the best first: as the provider calls the person, then with a number, for whoever has that
 * name here already is somebody else.
 */
export function* usernamesFor({ preferred_username: preferred, email, name }: Profile): Generator<string> {
  const wishes = [preferred, email, name].filter((wish) => typeof wish === 'string').map(nameFrom);
  const base = wishes.find((wish) => isUsername(wish)) ?? 'user';
  if (isUsername(base)) yield base;
  for (let n = 2; n <= NUMBERED; n++) yield numbered(base, String(n));
  for (;;) yield numbered(base, Math.random().toString(36).slice(2, 8));
}

/** What of a text a user name may hold: `Zoë.Miller@example.org` is `zoe.miller`. */
function nameFrom(text: string): string {
  const [local = ''] = text.slice(0, 200).split('@');
  const plain = foldUsername(local.normalize('NFKD').replace(/\p{M}/gu, ''));
  return plain
    .replace(/[^a-z0-9._-]+/g, '-')
    .slice(0, MAX)
    .replace(/^[._-]+|[._-]+$/g, '');
}

const numbered = (base: string, suffix: string) => `${base.slice(0, MAX - 1 - suffix.length)}-${suffix}`;
