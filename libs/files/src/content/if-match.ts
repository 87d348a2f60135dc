import { ContractError } from '@app/contract';
import type { File } from '@app/database';

/** Entity tags, weak ones too. */
const TAG = /(W\/)?"([^"]*)"/g;

/**
 * Refuses a request whose If-Match does not hold, before anything is done: RFC 9110, 13.1.1. Only strong tags count, and
 * what is no list of tags names none.
 * @throws ContractError preconditionFailed
 */
export function requireMatch({ sha256 }: Pick<File, 'sha256'>, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  for (const [, weak, tag] of ifMatch.matchAll(TAG)) if (!weak && tag === sha256) return;
  throw new ContractError('preconditionFailed');
}
