import { availableParallelism } from 'node:os';
import { ContractError } from '@app/contract';
import { parseOptions } from '@node-rs/argon2';
import { beforeAll, describe, expect, it } from 'vitest';
import { PasswordHasher } from './password-hasher.js';

const PASSWORD = 'correct horse battery staple';

describe('PasswordHasher', () => {
  const passwords = new PasswordHasher();
  let passwordHash: string;

  beforeAll(async () => {
    await passwords.onModuleInit();
    passwordHash = await passwords.hash(PASSWORD);
  });

  it('makes a salted argon2id hash of 19 MiB, two passes and one lane', async () => {
    expect(passwordHash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await passwords.hash(PASSWORD)).not.toBe(passwordHash);
  });

  it('knows the password again', async () => {
    expect(await passwords.verify(PASSWORD, passwordHash)).toBe(true);
  });

  it('takes it whole: neither trimmed, nor cut, nor without case', async () => {
    const long = 'x'.repeat(127);
    const longHash = await passwords.hash(`${long}a`);
    expect(await passwords.verify(`${long}b`, longHash)).toBe(false);
    for (const other of [` ${PASSWORD}`, `${PASSWORD} `, `${PASSWORD}\u0000`, PASSWORD.toUpperCase(), '']) {
      expect(await passwords.verify(other, passwordHash)).toBe(false);
    }
  });

  it('says no to a user that does not exist, after the same work', async () => {
    const { decoy } = passwords as unknown as { decoy: string };
    expect(parseOptions(decoy)).toEqual(parseOptions(passwordHash));
    expect(await passwords.verify(PASSWORD, undefined)).toBe(false);
  });

  it('lets as many compute as there are processors, at most 4, and 64 wait, refuses the next with 503, and has room again afterwards', async () => {
    const atOnce = Math.min(4, availableParallelism());
    const attempts = Array.from({ length: atOnce + 64 + 4 }, async () => passwords.verify(PASSWORD, passwordHash));
    const outcomes = await Promise.allSettled(attempts);
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected').map(({ reason }) => reason);
    expect(refused).toHaveLength(4);
    for (const error of refused) {
      expect(error).toBeInstanceOf(ContractError);
      expect(error).toMatchObject({ errorName: 'unavailable', headers: { 'retry-after': '1' } });
    }
    expect(await passwords.verify(PASSWORD, passwordHash)).toBe(true);
  });
});
