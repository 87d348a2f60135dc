import { ContractError } from '@app/contract';
import fresh from 'fresh';
import parseRange from 'range-parser';

/** What a request wants of a blob. */
export interface ContentConditions {
  readonly range?: string;
  readonly ifRange?: string;
  readonly ifNoneMatch?: string;
}

/** What to send: nothing (304), all of it (200), or the bytes from `start` to `end`, both included (206). */
export type Selection = 'not-modified' | 'whole' | { readonly start: number; readonly end: number };

/**
 * Decides as RFC 9110 has it: If-None-Match first, then Range, which counts only while If-Range, if given, is this ETag.
 * A list of ranges and a malformed one are answered with the whole, which the RFC allows.
 * @throws ContractError rangeNotSatisfiable
 */
export function select(conditions: ContentConditions, etag: string, size: number): Selection {
  const { range, ifRange, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined && fresh({ 'if-none-match': ifNoneMatch }, { etag })) return 'not-modified';
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return 'whole';
  const ranges = parseRange(size, range);
  if (ranges === -1) {
    throw new ContractError('rangeNotSatisfiable', { headers: { 'content-range': `bytes */${size}` } });
  }
  const [first, ...others] = ranges === -2 || ranges.type !== 'bytes' ? [] : ranges;
  return first && others.length === 0 ? { start: first.start, end: first.end } : 'whole';
}
