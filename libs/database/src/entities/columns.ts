import type { ColumnOptions } from 'typeorm';

/** mysql2 gives a bigint as a string; ours are all below 2^53. */
const asNumber = {
  to: (value: unknown) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};

/** A whole number up to 2^53, such as a size in bytes. */
export const BIGINT = { type: 'bigint', transformer: asNumber } as const satisfies ColumnOptions;

/** A moment in milliseconds since 1970 UTC (docs/decisions/0003-times-are-milliseconds.md). */
export const TIME = BIGINT;

/** A random identifier in its usual form of 36 characters. */
export const UUID = { type: 'varchar', length: 36 } as const satisfies ColumnOptions;
