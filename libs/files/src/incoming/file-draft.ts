import { ContractError } from '@app/contract';
import type { File, Unit, User } from '@app/database';
import type { StorageService } from '@app/storage';
import type { DataSource } from 'typeorm';
import { extensionOf, foldName, nameKey } from '../file-name.js';
import { insertFile, isNameHeld, type NewFile } from '../file-rows.js';
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

/** Rolls the record back: the bytes of a deleted file of its name are still to be removed. */
export class NameHeldError extends Error {}

/**
 * Writes the record of a draft. First the record, then the look for a removal: in this order a delete that commits in between
 * is seen, and one that commits later finds nothing under this name to remove.
 * @returns its id
 * @throws NameHeldError where a removal still holds the name, and with it a key that is used again
 */
export async function insertDraft(unit: Unit, draft: NewFile, { reusesKeys }: StorageService): Promise<number> {
  const id = await insertFile(unit, draft);
  if (reusesKeys && (await isNameHeld(unit, draft))) throw new NameHeldError();
  return id;
}

/** What became of the record when the connection broke during COMMIT. The id alone may be another's: see `Committed`. */
export async function isRecorded(
  unit: Unit,
  id: number,
  draft: Pick<File, 'ownerId' | 'nameKey' | 'createdAt'>,
): Promise<boolean> {
  const rows = await unit.rows(
    `SELECT id FROM files WHERE id = ? AND ownerId = ? AND nameKey = ? AND createdAt = ?${unit.forUpdate}`,
    [id, draft.ownerId, draft.nameKey, draft.createdAt],
  );
  return rows.length === 1;
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
