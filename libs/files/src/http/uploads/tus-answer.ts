import type { UploadRecord } from '../../uploads/upload-rows.js';

/** What every answer about an upload tells of it. */
export function headersOf(upload: UploadRecord): Record<string, string> {
  const { received, expiresAt, state, fileId } = upload;
  return {
    'upload-offset': String(received),
    // A finished one is a file, which does not expire.
    ...(state === 'live'
      ? { 'content-location': `/api/files/${fileId}` }
      : { 'upload-expires': new Date(expiresAt).toUTCString() }),
  };
}

/** What a look at an upload tells beside that. */
export function descriptionOf({ length, metadata }: UploadRecord): Record<string, string> {
  return { 'upload-length': String(length), ...(metadata === '' ? {} : { 'upload-metadata': metadata }) };
}
