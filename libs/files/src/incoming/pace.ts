import type { Uploader } from './upload-turns.js';

/** Milliseconds over which a pace is measured; who has just begun has none yet. */
const WINDOW = 2_000;
/** Milliseconds after which a sample is too old: what somebody did long ago is no pace. */
const OLDEST = 6_000;

/** An upload, and how far it was at some moments. */
export interface Timed {
  readonly uploader: Uploader;
  readonly samples: { readonly at: number; readonly taken: number }[];
}

/**
 * Of those that come slower than so many bytes a second the slowest; none that was not watched for some seconds.
 * @param now milliseconds, as of `performance.now()`
 */
export function slowest(among: readonly Timed[], bytesPerSecond: number, now: number): Timed | undefined {
  const paces = among.map((timed) => ({ timed, pace: paceOf(timed, now) }));
  let victim: { timed: Timed; pace: number } | undefined;
  for (const one of paces) if (one.pace < bytesPerSecond && (!victim || one.pace < victim.pace)) victim = one;
  return victim?.timed;
}

function paceOf({ uploader, samples }: Timed, now: number): number {
  const taken = uploader.taken();
  // The first is its beginning: before anybody waited nobody measured it, and its mean is all that is known of it.
  while (samples.length > 1 && now - samples[0]!.at > OLDEST && now - samples[1]!.at >= WINDOW) samples.shift();
  const [first] = samples;
  samples.push({ at: now, taken });
  if (!first || now - first.at < WINDOW) return Infinity;
  return (taken - first.taken) / ((now - first.at) / 1000);
}
