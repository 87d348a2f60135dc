import { ContractError } from '@app/contract';

/** Of openid-client: what it has to say of a token whose times do not fit. */
const WRONG_TIME = 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED';
/** Of openid-client: an answer that no provider in its right mind gives, as of a proxy before one that is away. */
const NO_ANSWER = new Set(['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_RESPONSE_IS_NOT_CONFORM']);

interface Failure {
  readonly message: string;
  readonly code?: string;
  /** Of an answer that is an error: its status, and what the provider calls it. */
  readonly status?: number;
  readonly error?: string;
}

/**
 * What a person is told: that the provider is away, or that the log-in has failed, whatever was wrong. What it was is the
 * cause's message, for the log.
 */
export function refusalOf(error: unknown): ContractError {
  const failure = error as Failure;
  const isAway = NO_ANSWER.has(failure.code ?? '') || (failure.status ?? 0) >= 500 || isUnreachable(error);
  if (isAway) return new ContractError('oidcUnavailable', { cause: error, retryAfter: 5 });
  return new ContractError('oidcFailed', { cause: new Error(reasonOf(failure), { cause: error }) });
}

/** As `fetch` says that nobody answered. */
function isUnreachable(error: unknown): boolean {
  return error instanceof TypeError && error.message === 'fetch failed';
}

function reasonOf({ message, code, error }: Failure): string {
  if (code === WRONG_TIME) return 'The times in the token do not fit: do the clocks of the two servers differ?';
  return error === undefined ? message : `${message}: ${error}`;
}
