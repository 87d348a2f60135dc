import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { PROOF_MS, RecentProofs } from './recent-proofs.js';

describe('a proof', () => {
  let proofs: RecentProofs;
  let given: number;
  const prove = (holds: boolean) => async () => {
    given += 1;
    return holds;
  };

  beforeEach(() => {
    proofs = new RecentProofs();
    given = 0;
  });

  it('is shared by those who ask at once', async () => {
    expect(await Promise.all([proofs.demand('a', prove(true)), proofs.demand('a', prove(true))])).toEqual([true, true]);
    expect(given).toBe(1);
  });

  it('is given anew once it is no longer fresh', async () => {
    await proofs.demand('a', prove(true));
    await delay(PROOF_MS + 1);
    expect(await proofs.demand('a', prove(false))).toBe(false);
    expect(given).toBe(2);
  });

  it('is not kept when it fails', async () => {
    expect(await proofs.demand('a', prove(false))).toBe(false);
    await expect(proofs.demand('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await proofs.demand('a', prove(true))).toBe(true);
    expect(given).toBe(2);
  });

  it('is of one thing', async () => {
    await proofs.demand('a', prove(true));
    expect(await proofs.demand('b', prove(false))).toBe(false);
  });
});
