import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Bytes. The engine begins to collect everything when there are some 25 MiB of chunks, and from 8 on once the process had
 * nothing to do for a while: its heap may then grow by little.
 */
const ENOUGH = 4 * 1024 * 1024;

let collectYoung: (() => void) | undefined;
let spent = 0;

/**
 * Tells that a chunk of a body will not be needed any more in a moment. After so many of them the young objects, of
 * which they are, get collected (docs/decisions/0052-young-chunks-die-young.md).
 * @param bytes its length
 */
export function noteSpent(bytes: number): void {
  spent += bytes;
  if (spent < ENOUGH) return;
  spent = 0;
  collectYoung ??= youngCollection();
  collectYoung();
}

/** What `node --expose-gc` gives to everybody; nothing where the engine has no such thing. */
function youngCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('globalThis.gc') as NodeJS.GCFunction | undefined;
  setFlagsFromString('--no-expose-gc');
  return () => void collect?.({ type: 'minor' });
}
