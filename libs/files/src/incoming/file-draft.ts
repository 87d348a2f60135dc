import { ContractError } from '@app/contract';
import type { User } from '@app/database';
import type { StorageService } from '@app/storage';
import type { DataSource } from 'typeorm';
import { extensionOf, foldName, nameKey } from '../file-name.js';
import type { NewFile } from '../file-rows.js';
import { findUploadOfName } from '../uploads/upload-rows.js';

/** What the record of a file will be, as far as it is known before its bytes are. */
export function draftOf(storage: StorageService, owner: Pick<User, 'id' | 'username'>, name: string): NewFile {
  const now = Date.now();
  const foldedName = foldName(name);
  return {
    ownerId: owner.id,
    name,
    nameKey: nameKey(foldedName),
    foldedName,
    extension: extensionOf(name),
    state: 'pending',
    serverId: '',
    storageId: storage.id,
    storageKey: storage.keyOf(owner.username, name),
    size: 0,
    sha256: '',
    public: false,
    createdAt: now,
    updatedAt: now,
  };
}

/** The refusal of a name. An unfinished upload that has it can be gone on with, or ended. */
export async function nameTaken(
  dataSource: DataSource,
  { ownerId, nameKey: key }: Pick<NewFile, 'ownerId' | 'nameKey'>,
  cause: unknown,
): Promise<ContractError> {
  const holder = await findUploadOfName(dataSource, ownerId, key);
  return new ContractError('nameTaken', { cause, ...(holder && { fields: { uploadId: holder.id } }) });
}
