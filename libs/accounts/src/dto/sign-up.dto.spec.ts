import { performance } from 'node:perf_hooks';
import { validate } from 'class-validator';
import { describe, expect, it } from 'vitest';
import { SignUpDto } from './sign-up.dto.js';

const ACCOUNT = { username: 'alice', password: 'correct horse battery', email: 'alice@example.org', name: 'Alice' };

async function faultsOf(fields: Partial<typeof ACCOUNT>): Promise<string[]> {
  const faults = await validate(Object.assign(new SignUpDto(), ACCOUNT, fields), { stopAtFirstError: true });
  return faults.map(({ property }) => property);
}

describe('SignUpDto', () => {
  it.each(['A', 'Zoë 😀', ' edges ', '\u00a0a'])('takes the name %j', async (name) => {
    expect(await faultsOf({ name })).toEqual([]);
  });

  it.each(['', ' ', '\u00a0\u2003', 'a\nb', '\t', 'a\u0000', 'a\u0085', 'x'.repeat(101)])(
    'refuses the name %j',
    async (name) => {
      expect(await faultsOf({ name })).toEqual(['name']);
    },
  );

  it.each(Object.keys(ACCOUNT))('judges %s in a moment, however long it is', async (field) => {
    const begin = performance.now();
    for (const text of [
      'a'.repeat(64_000),
      `${'a'.repeat(64_000)}\u0001`,
      `${' '.repeat(64_000)}\u0001`,
      'a@'.repeat(32_000),
    ])
      expect(await faultsOf({ [field]: text })).toEqual([field]);
    expect(performance.now() - begin).toBeLessThan(2_000);
  });
});
