// Floor of the log-in: argon2id alone, with the drive's parameters and as many at once. A module for `Remote`.
import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { answerCalls } from '../support/remote.mjs';

const AT_ONCE = Math.min(4, availableParallelism());

/** Checks a password over and over. @returns checks per second */
async function run(seconds) {
  const known = await hash('bench bench', { algorithm: 2, memoryCost: 19456, timeCost: 2, parallelism: 1 });
  const began = performance.now();
  let count = 0;
  const work = async () => {
    for (; performance.now() - began < seconds * 1000; count += 1) {
      if (!(await verify(known, 'bench bench'))) throw new Error('The password is not the one');
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return (count * 1000) / (performance.now() - began);
}

answerCalls({ run });
