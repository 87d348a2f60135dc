import { ContractError } from '@app/contract';

/** How the process ends, for scripts. */
export const EXIT = { ok: 0, failed: 1, findings: 2 } as const;

/** Something that the admin has to know or do. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
}

/** An error in one line: the messages of ours are written for admins; of others the message has to do. Never a stack. */
export function describeError(error: unknown): string {
  const { message, code, cause } = error as NodeJS.ErrnoException;
  const text = message || code || String(error);
  // A refusal says all; of a failure the contract says too little for somebody who can look inside.
  const isRefusal = error instanceof ContractError && error.getStatus() < 500;
  const inner = !isRefusal && cause instanceof Error && cause.message !== '' ? ` (${cause.message})` : '';
  return `${text}${inner}`.replaceAll('\n', ' ');
}
