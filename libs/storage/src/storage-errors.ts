/** There is no room for the bytes. */
export class StorageFullError extends Error {
  override readonly name = 'StorageFullError';
}

/** There is no blob at the key. */
export class BlobMissingError extends Error {
  override readonly name = 'BlobMissingError';
}

/** Bytes of an upload that were made durable are gone. */
export class UploadLostError extends Error {
  override readonly name = 'UploadLostError';
}

/** There are bytes at the key that we did not write. */
export class ForeignBytesError extends Error {
  override readonly name = 'ForeignBytesError';
}

/** The storage cannot hold a file of this name. */
export class NameRefusedError extends Error {
  override readonly name = 'NameRefusedError';
}

/** The storage is not the one that the database knows, or cannot do what the protocol needs. */
export class StorageUnusableError extends Error {
  override readonly name: string = 'StorageUnusableError';
}

/** The storage does not answer, or says itself that it cannot now. It may be back in a moment. */
export class StorageAwayError extends StorageUnusableError {
  override readonly name = 'StorageAwayError';
}

/**
 * None of the storages of this process has the id that a record names. Nothing is known about the bytes in it, least of all
 * that they are gone.
 */
export class StorageAbsentError extends Error {
  override readonly name = 'StorageAbsentError';
}
