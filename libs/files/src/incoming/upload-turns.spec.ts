import { AppConfig } from '@app/config';
import { describe, expect, it } from 'vitest';
import { UploadTurns } from './upload-turns.js';

/** Work that ends when it is told to. */
function work() {
  let finish: () => void = () => undefined;
  const state = { started: false, finish: () => finish() };
  const run = () => {
    state.started = true;
    return new Promise<void>((resolve) => (finish = resolve));
  };
  return { state, run };
}

/** An upload of which nothing comes. */
const by = (ownerId: number) => {
  const abort = new AbortController();
  return { ownerId, signal: abort.signal, taken: () => 0, end: (reason: unknown) => abort.abort(reason) };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('UploadTurns', () => {
  it('gives one owner half of the places, and the others the rest', async () => {
    const turns = new UploadTurns(new AppConfig({ UPLOADS_IN_FLIGHT: '4' }));
    const greedy = Array.from({ length: 4 }, work);
    const others = Array.from({ length: 3 }, work);
    const done = greedy.map(({ run }) => turns.take(by(1), run));
    done.push(...others.map(({ run }, n) => turns.take(by(2 + n), run)));
    await turn();
    expect(greedy.map(({ state }) => state.started)).toEqual([true, true, false, false]);
    expect(others.map(({ state }) => state.started)).toEqual([true, true, false]);
    for (const { state } of others) {
      state.finish();
      await turn();
    }
    for (const { state } of greedy) {
      expect(state.started).toBe(true);
      state.finish();
      await turn();
    }
    await Promise.all(done);
    await turns.idle();
  });

  it('goes on after work that fails', async () => {
    const turns = new UploadTurns(new AppConfig({ UPLOADS_IN_FLIGHT: '1' }));
    await expect(turns.take(by(1), () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await turns.take(by(1), async () => 'next')).toBe('next');
    await turns.idle();
  });
});
