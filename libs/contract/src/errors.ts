import { HttpException } from '@nestjs/common';

interface CatalogueEntry {
  readonly status: number;
  readonly text: string;
}

/** Every error that DefDrive answers with: its status and its published text. Clients depend on both and on the name (`codeOf`), so none changes. */
export const ERRORS = {
  badRequest: { status: 400, text: 'Bad request' },
  invalidBody: { status: 400, text: 'Invalid request body' },
  invalidUrl: { status: 400, text: 'Invalid URL' },
  invalidFileId: { status: 400, text: 'Invalid file ID' },
  invalidAccessId: { status: 400, text: 'Invalid access ID' },
  invalidUserId: { status: 400, text: 'Invalid user ID' },
  invalidCursor: { status: 400, text: 'Invalid cursor' },
  noFileProvided: { status: 400, text: 'No file provided' },
  invalidUpload: { status: 400, text: 'Invalid upload request' },
  checksumUnsupported: { status: 400, text: 'Unsupported checksum algorithm' },
  invalidFileName: { status: 400, text: 'Invalid file name' },
  maxFilesNegative: { status: 400, text: 'Max files cannot be negative' },
  maxStorageNegative: { status: 400, text: 'Max storage cannot be negative' },
  notAuthenticated: { status: 401, text: 'User not authenticated' },
  invalidCredentials: { status: 401, text: 'Invalid username or password' },
  oidcFailed: { status: 401, text: 'Log-in at the identity provider failed' },
  logInAgain: { status: 401, text: 'Log in again at the identity provider first' },
  linkPasswordNeeded: { status: 401, text: 'This link needs a password' },
  linkPasswordWrong: { status: 401, text: 'Wrong link password' },
  crossSiteRequest: { status: 403, text: 'Cross-site request refused' },
  beyondScope: { status: 403, text: 'This token does not allow that' },
  tokenLimitExceeded: { status: 403, text: 'Token limit exceeded' },
  signUpClosed: { status: 403, text: 'Sign-up is closed' },
  adminRequired: { status: 403, text: 'Admin access required' },
  fileLimitExceeded: { status: 403, text: 'File limit exceeded' },
  storageLimitExceeded: { status: 403, text: 'Storage limit exceeded' },
  accessLimitExceeded: { status: 403, text: 'Access limit exceeded' },
  uploadLimitExceeded: { status: 403, text: 'Too many unfinished uploads' },
  mayNotViewFile: { status: 403, text: "You don't have permission to view this file" },
  mayNotModifyFile: { status: 403, text: "You don't have permission to modify this file" },
  mayNotDeleteFile: { status: 403, text: "You don't have permission to delete this file" },
  mayNotCreateAccess: { status: 403, text: "You don't have permission to create access for this file" },
  mayNotViewAccesses: { status: 403, text: "You don't have permission to view accesses for this file" },
  mayNotViewAccess: { status: 403, text: "You don't have permission to view this access" },
  mayNotUpdateAccess: { status: 403, text: "You don't have permission to update this access" },
  mayNotDeleteAccess: { status: 403, text: "You don't have permission to delete this access" },
  linkNotPublic: { status: 403, text: 'Access denied: file or access is not public' },
  linkSubnet: { status: 403, text: 'Access restricted to specific subnets' },
  linkIp: { status: 403, text: 'Access restricted to specific IPs' },
  linkExpired: { status: 403, text: 'Access link has expired' },
  linkUsed: { status: 403, text: 'Access link has already been used' },
  linkTtl: { status: 403, text: 'Access link has reached its TTL limit' },
  linkWholeOnly: { status: 403, text: 'Access link sends the whole file only, from its first byte' },
  notFound: { status: 404, text: 'Not found' },
  fileNotFound: { status: 404, text: 'File not found' },
  accessNotFound: { status: 404, text: 'Access record not found' },
  linkNotFound: { status: 404, text: 'Access link not found' },
  receiptNotFound: { status: 404, text: 'Receipt not found' },
  uploadNotFound: { status: 404, text: 'Upload not found' },
  userNotFound: { status: 404, text: 'User not found' },
  tokenNotFound: { status: 404, text: 'Token not found' },
  sessionNotFound: { status: 404, text: 'Session not found' },
  identityNotFound: { status: 404, text: 'Identity not found' },
  stopping: { status: 404, text: 'The server is stopping' },
  methodNotAllowed: { status: 405, text: 'Method not allowed' },
  requestTimeout: { status: 408, text: 'Request timeout' },
  lastAdmin: { status: 409, text: 'The last admin cannot be removed' },
  accountBeingRemoved: { status: 409, text: 'This account is being removed' },
  identityTaken: { status: 409, text: 'This identity belongs to another account' },
  lastWayIn: { status: 409, text: 'Set a password first' },
  usernameTaken: { status: 409, text: 'Username already taken' },
  confirmationRequired: { status: 409, text: 'Confirmation required' },
  idempotencyKeyUnderWay: { status: 409, text: 'A request with this Idempotency-Key is under way' },
  nameTaken: { status: 409, text: 'A file with this name already exists in your folder' },
  preconditionFailed: { status: 412, text: 'Precondition failed' },
  uploadOffset: { status: 409, text: 'Upload offset does not match' },
  uploadGone: { status: 410, text: 'Upload has expired or was ended' },
  tusVersion: { status: 412, text: 'Unsupported tus version' },
  fileTooLarge: { status: 413, text: 'File too large' },
  bodyTooLarge: { status: 413, text: 'Request body too large' },
  uploadContentType: { status: 415, text: 'Content-Type must be application/offset+octet-stream' },
  rangeNotSatisfiable: { status: 416, text: 'Range not satisfiable' },
  idempotencyKeyReused: { status: 422, text: 'This Idempotency-Key was used for another request' },
  uploadLocked: { status: 423, text: 'Upload is held by another request' },
  tooManyRequests: { status: 429, text: 'Too many requests' },
  headersTooLarge: { status: 431, text: 'Request header fields too large' },
  checksumMismatch: { status: 460, text: 'Checksum mismatch' },
  internal: { status: 500, text: 'Internal server error' },
  accessesNotDeleted: { status: 500, text: 'Failed to delete file accesses' },
  recordNotDeleted: { status: 500, text: 'Failed to delete file record' },
  bytesNotDeleted: { status: 500, text: 'Failed to delete the physical file' },
  unavailable: { status: 503, text: 'Service unavailable' },
  oidcUnavailable: { status: 503, text: 'Identity provider cannot be reached' },
  insufficientStorage: { status: 507, text: 'Insufficient storage' },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorName = keyof typeof ERRORS;

export interface ContractErrorOptions {
  /** Fields beside `error` in the body, such as the figures of a limit. */
  readonly fields?: Record<string, unknown>;
  /** Text in place of the catalogue's, only where the contract says "what is wrong". */
  readonly text?: string;
  /** Seconds for `Retry-After`. */
  readonly retryAfter?: number;
  /** Further response headers. */
  readonly headers?: Record<string, string>;
  readonly cause?: unknown;
}

/** What programs compare: the catalogue's name in snake case, such as `file_not_found`. Never changes either. */
export const codeOf = (name: ErrorName): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The one exception that features throw: an entry of the catalogue, which the error filter writes as `{"error": …, "code": …}`. */
export class ContractError extends HttpException {
  readonly headers: Record<string, string>;

  constructor(
    readonly errorName: ErrorName,
    options: ContractErrorOptions = {},
  ) {
    const { status, text } = ERRORS[errorName];
    super({ error: options.text ?? text, code: codeOf(errorName), ...options.fields }, status, {
      cause: options.cause,
    });
    this.message = options.text ?? text;
    this.headers = {
      ...options.headers,
      ...(options.retryAfter === undefined
        ? {}
        : { 'retry-after': String(Math.max(1, Math.ceil(options.retryAfter))) }),
    };
  }
}
