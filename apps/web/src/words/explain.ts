import type { ApiError } from '../api/api-error.js';
import { bytes, duration } from './formats.js';
import { t, type Word, words } from './words.svelte.js';

/** What each published error means for a person: what happened, what is still true, what to do. */
const BY_TEXT: Record<string, Word> = {
  'User not authenticated': 'error.notAuthenticated',
  'Invalid username or password': 'error.credentials',
  'Sign-up is closed': 'error.signUpClosed',
  'Username already taken': 'error.usernameTaken',
  'A file with this name already exists in your folder': 'error.nameTaken',
  'Invalid file name': 'error.fileName',
  'File too large': 'error.fileTooLarge',
  'Insufficient storage': 'error.serverFull',
  'File not found': 'error.fileGone',
  'Access record not found': 'error.linkGone',
  'Access limit exceeded': 'error.tooManyLinks',
  'Service unavailable': 'error.unavailable',
  'Internal server error': 'error.internal',
  'Failed to delete file accesses': 'error.notDeleted',
  'Failed to delete file record': 'error.notDeleted',
  'Failed to delete the physical file': 'error.bytesRemain',
  'The last admin cannot be removed': 'error.lastAdmin',
  'Log in again at the identity provider first': 'error.logInAgain',
  'Set a password first': 'error.lastWayIn',
  'Identity provider cannot be reached': 'error.provider',
  'Not found': 'error.notFound',
};

export function explain(error: ApiError): string {
  const { status, body, message } = error;
  if (error.code === 'offline') return t('error.offline');
  if (status === 429) return t('error.tooMany', { wait: duration(error.retryAfter ?? 60) });
  if (message === 'File limit exceeded') return t('error.fileLimit', { n: Number(body.maxFiles ?? 0) });
  if (message === 'Storage limit exceeded') return t('error.storageLimit', room(body));
  const word = BY_TEXT[message] ?? (status >= 502 ? 'error.unavailable' : undefined);
  if (word) return t(word);
  return status >= 400 ? t('error.other', { text: detailsOf(error) }) : words.text('error.internal');
}

function room({ maxStorage, currentStorage, fileSize }: Record<string, unknown>): Record<string, string> {
  const free = Math.max(0, Number(maxStorage ?? 0) - Number(currentStorage ?? 0));
  return { free: bytes(free), size: bytes(Number(fileSize ?? 0)) };
}

function detailsOf({ body, message }: ApiError): string {
  const { details } = body;
  const texts = details && typeof details === 'object' ? Object.values(details).flat() : [];
  return texts.length > 0 ? texts.join('; ') : message;
}
