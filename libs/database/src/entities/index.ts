import { Access } from './access.entity.js';
import { ApiToken } from './api-token.entity.js';
import { BlobRemoval } from './blob-removal.entity.js';
import { File } from './file.entity.js';
import { FileType } from './file-type.entity.js';
import { Identity } from './identity.entity.js';
import { Mark } from './mark.entity.js';
import { Receipt } from './receipt.entity.js';
import { ReceiptKey } from './receipt-key.entity.js';
import { RequestKey } from './request-key.entity.js';
import { Server } from './server.entity.js';
import { Session } from './session.entity.js';
import { Storage } from './storage.entity.js';
import { Throttle } from './throttle.entity.js';
import { Ticket } from './ticket.entity.js';
import { Upload } from './upload.entity.js';
import { User } from './user.entity.js';

export { Access } from './access.entity.js';
export { ApiToken } from './api-token.entity.js';
export { BlobRemoval } from './blob-removal.entity.js';
export { File, type FileState } from './file.entity.js';
export { FileType } from './file-type.entity.js';
export { Identity } from './identity.entity.js';
export { Mark } from './mark.entity.js';
export { Receipt } from './receipt.entity.js';
export { ReceiptKey } from './receipt-key.entity.js';
export { RequestKey } from './request-key.entity.js';
export { Server } from './server.entity.js';
export { Session } from './session.entity.js';
export { Storage } from './storage.entity.js';
export { Throttle } from './throttle.entity.js';
export { Ticket } from './ticket.entity.js';
export { Upload } from './upload.entity.js';
export { type Role, User } from './user.entity.js';

export const ENTITIES = [
  ...[User, Identity, Session, ApiToken, Storage, File, FileType, Upload, Access, Ticket, BlobRemoval],
  ...[Receipt, ReceiptKey, RequestKey, Mark, Server, Throttle],
];
