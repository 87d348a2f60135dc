import { describe, expect, it } from 'vitest';
import { isUsername } from '../username.js';
import type { Profile } from './identity-provider.js';
import { usernamesFor } from './usernames.js';

function first(profile: Profile, count: number): string[] {
  const names = usernamesFor(profile);
  return Array.from({ length: count }, () => names.next().value as string);
}

describe('names for an account that a provider has vouched for', () => {
  it.each([
    [{ preferred_username: 'alice' }, 'alice'],
    [{ preferred_username: 'Alice.Liddell@example.org', email: 'a@example.org' }, 'alice.liddell'],
    [{ email: 'zoë.müller@example.org' }, 'zoe.muller'],
    [{ name: 'Ada  Lovelace' }, 'ada-lovelace'],
    [{ preferred_username: '../etc', name: 'x' }, 'etc'],
    [{ preferred_username: 'CON', email: 'con@example.org', name: 'Connie' }, 'connie'],
    [{ preferred_username: '__a__', email: 'abc@example.org' }, 'abc'],
    [{ preferred_username: 7, email: null, name: { evil: true } }, 'user'],
    [{ preferred_username: '山田', name: '太郎' }, 'user'],
    [{}, 'user'],
  ])('of %j begin with %s', (profile, expected) => expect(first(profile, 1)).toEqual([expected]));

  it.each([{ preferred_username: 'x'.repeat(100) }, { preferred_username: 'alice' }, { preferred_username: 'a-' }, {}])(
    'of %j go on for ever, each one that somebody may have',
    (profile) => {
      const names = first(profile, 60);
      expect(names.filter((name) => !isUsername(name))).toEqual([]);
      expect(new Set(names).size).toBeGreaterThan(55);
    },
  );
});
