import 'reflect-metadata';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { lockDataDirectory, readOrCreateSecret } from '@app/data-directory';

/** What a process of its own does with a data directory: `secret` once its input ends, or `lock` for as long as it lives. */
const [task, dataDir] = process.argv.slice(-2) as ['secret' | 'lock', string];

if (task === 'secret') {
  process.stdin.resume();
  await once(process.stdin, 'end');
  process.stdout.write(readOrCreateSecret(dataDir));
} else {
  try {
    lockDataDirectory(dataDir);
  } catch (error) {
    process.stdout.write((error as Error).message);
    process.exit(1);
  }
  process.stdout.write('locked');
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  while (!process.stdin.readableEnded) {
    await once(process.stdin, 'data');
    for (let n = 0; n < 5; n += 1) {
      collectGarbage();
      await new Promise(setImmediate);
    }
    process.stdout.write('collected');
  }
}
