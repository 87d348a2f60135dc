const MIB = 1024 * 1024;
/** Bytes of the first parts: the least that S3 takes. */
const FIRST = 5 * MIB;
/** Parts of one size, before they grow: small files take little memory, and 10,000 parts suffice for 1.9 TiB. */
const OF_ONE_SIZE = 1_000;
/** As many as S3 allows. */
export const MOST_PARTS = 10_000;

/** Bytes of the n-th part of an upload, the first being 1; only the last may be smaller. */
export function partSize(number: number): number {
  return FIRST * (1 + Math.floor((number - 1) / OF_ONE_SIZE)) ** 2;
}
