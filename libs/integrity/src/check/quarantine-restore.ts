import type { File, User } from '@app/database';
import { type Claim, parseFileName, UploadClaims, UploadRollback } from '@app/files';
import { type BlobReader, type BlobWriter, Quarantine, Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';

type Owner = Pick<User, 'id' | 'username'>;

/**
 * Makes files of what lies in the quarantine, by the protocol and under the rules of an upload: name, limits, uniqueness.
 * For whoever holds the lock of the data directory.
 */
@Injectable()
export class QuarantineRestore {
  constructor(
    private readonly storages: Storages,
    private readonly quarantine: Quarantine,
    private readonly claims: UploadClaims,
    private readonly rollback: UploadRollback,
  ) {}

  /**
   * @param path `<date>/<owner>/<name>`
   * @param name what the file is to be called; otherwise as the bytes are called in the quarantine
   * @throws BlobMissingError; ContractError invalidFileName, nameTaken, fileLimitExceeded, storageLimitExceeded
   */
  async restore(path: string, owner: Owner, name = path.split('/').at(-1)!): Promise<File> {
    const legal = parseFileName(name);
    const reader = await this.quarantine.open(path);
    const claim = await this.claims.claim(owner, legal).catch(async (error: unknown) => {
      await reader.close();
      throw error;
    });
    const file = await this.store(claim, reader).catch(async (error: unknown) => {
      await reader.close();
      await this.rollback.rollBack(claim);
      throw error;
    });
    await this.quarantine.discard(path);
    return file;
  }

  private async store(claim: Claim, reader: BlobReader): Promise<File> {
    const storage = this.storages.of(claim.storageId);
    const writer = await storage.createUpload(claim.id);
    await copy(reader, writer);
    const digest = await writer.finish();
    const file = await storage.exclusively(claim.storageKey, async () => {
      await writer.publish(claim.storageKey);
      return this.claims.makeLive(claim, digest);
    });
    await writer.close();
    return file;
  }
}

async function copy(reader: BlobReader, writer: BlobWriter): Promise<void> {
  if (reader.size === 0) return reader.close();
  for await (const chunk of reader.stream(0, reader.size - 1)) await writer.write(chunk as Buffer);
}
