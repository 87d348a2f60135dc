import type { ApiError } from '../api/api-error.js';
import { bytes, duration } from './formats.js';
import { t, type Word, words } from './words.svelte.js';

/** What each error of the catalogue means for a person: what happened, what is still true, what to do. */
const BY_CODE: Record<string, Word> = {
  not_authenticated: 'error.notAuthenticated',
  invalid_credentials: 'error.credentials',
  sign_up_closed: 'error.signUpClosed',
  username_taken: 'error.usernameTaken',
  name_taken: 'error.nameTaken',
  invalid_file_name: 'error.fileName',
  file_too_large: 'error.fileTooLarge',
  insufficient_storage: 'error.serverFull',
  file_not_found: 'error.fileGone',
  access_not_found: 'error.linkGone',
  access_limit_exceeded: 'error.tooManyLinks',
  unavailable: 'error.unavailable',
  internal: 'error.internal',
  accesses_not_deleted: 'error.notDeleted',
  record_not_deleted: 'error.notDeleted',
  bytes_not_deleted: 'error.bytesRemain',
  last_admin: 'error.lastAdmin',
  log_in_again: 'error.logInAgain',
  last_way_in: 'error.lastWayIn',
  oidc_unavailable: 'error.provider',
  not_found: 'error.notFound',
};

export function explain(error: ApiError): string {
  const { status, code, body } = error;
  if (code === 'offline') return t('error.offline');
  if (status === 429) return t('error.tooMany', { wait: duration(error.retryAfter ?? 60) });
  if (code === 'file_limit_exceeded') return t('error.fileLimit', { n: Number(body.maxFiles ?? 0) });
  if (code === 'storage_limit_exceeded') return t('error.storageLimit', room(body));
  const word = BY_CODE[code] ?? (status >= 502 ? 'error.unavailable' : undefined);
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
