import { ContractError } from '@app/contract';

/** How the process ends, for scripts. */
export const EXIT = { ok: 0, failed: 1, findings: 2 } as const;

/** Something that the admin has to know or do. */
export class AdminError extends Error {
  override readonly name = 'AdminError';
}

/** What the system says of a path, in words; what is not here is rare enough for the system's own. */
const OF_A_PATH: Readonly<Record<string, string>> = {
  EACCES: 'may not be used by this user',
  EEXIST: 'is there already, and is no directory',
  EISDIR: 'is a directory',
  ENAMETOOLONG: 'has too long a name',
  ENOENT: 'is not there',
  ENOSPC: 'cannot be written: its disk is full',
  ENOTDIR: 'is no directory, or in something that is none',
  EPERM: 'may not be used by this user',
  EROFS: 'is on a file system that can only be read',
};

/** An error in one line: the messages of ours are written for admins; of others the message has to do. Never a stack. */
export function describeError(error: unknown): string {
  const { cause } = error as Error;
  // A refusal says all; of a failure the contract says too little for somebody who can look inside.
  const isRefusal = error instanceof ContractError && error.getStatus() < 500;
  const inner = !isRefusal && cause instanceof Error && cause.message !== '' ? ` (${messageOf(cause)})` : '';
  return `${messageOf(error)}${inner}`.replaceAll('\n', ' ');
}

/** Why a file of which the sentence speaks already is of no use: `it is a directory`. */
export function whyUnusable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const words = OF_A_PATH[code ?? ''];
  return words === undefined ? message : `it ${words}`;
}

function messageOf(error: unknown): string {
  const { message, code, path } = error as NodeJS.ErrnoException;
  const words = path === undefined ? undefined : OF_A_PATH[code ?? ''];
  return words === undefined ? message || code || String(error) : `${path} ${words}`;
}
