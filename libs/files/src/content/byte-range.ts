import { ContractError } from '@app/contract';
import fresh from 'fresh';

/** What a request wants of a blob. */
export interface ContentConditions {
  readonly ifMatch?: string;
  readonly range?: string;
  readonly ifRange?: string;
  readonly ifNoneMatch?: string;
}

/** What to send: nothing (304), all of it (200), or the bytes from `start` to `end`, both included (206). */
export type Selection = 'not-modified' | 'whole' | { readonly start: number; readonly end: number };

/** `bytes=5-9`, `bytes=5-` (from there on) or `bytes=-5` (the last ones). */
const ONE_RANGE = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i;

/**
 * Decides as RFC 9110 has it: If-None-Match first, then Range, which counts only while If-Range, if given, is this ETag.
 * A list of ranges, a malformed one and other units than bytes are answered with the whole, which the RFC allows.
 * @throws ContractError rangeNotSatisfiable
 */
export function select(conditions: ContentConditions, etag: string, size: number): Selection {
  const { range, ifRange, ifNoneMatch } = conditions;
  if (ifNoneMatch !== undefined && fresh({ 'if-none-match': ifNoneMatch }, { etag })) return 'not-modified';
  if (range === undefined || (ifRange !== undefined && ifRange !== etag)) return 'whole';
  const [, first = '', last = ''] = ONE_RANGE.exec(range) ?? [];
  if (first === '' && last === '') return 'whole';
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return { start, end };
  throw new ContractError('rangeNotSatisfiable', { headers: { 'content-range': `bytes */${size}` } });
}
