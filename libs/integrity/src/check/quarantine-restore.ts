import { ContractError } from '@app/contract';
import { ServerLease } from '@app/data-directory';
import type { File, User } from '@app/database';
import { type Incoming, IncomingService, pour, UploadRollback } from '@app/files';
import { type BlobReader, Quarantine } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findNamed, hashOf } from '../import/there-already.js';

type Owner = Pick<User, 'id' | 'username'>;

/**
 * Makes files of what lies in the quarantine, by the protocol and under the rules of an upload: name, limits, uniqueness.
 * For whoever holds the lease.
 */
@Injectable()
export class QuarantineRestore {
  constructor(
    private readonly lease: ServerLease,
    private readonly dataSource: DataSource,
    private readonly rollback: UploadRollback,
    private readonly quarantine: Quarantine,
    private readonly incoming: IncomingService,
  ) {}

  /** Undoes what a restore left that was killed in the middle, so that it can be run again. */
  async recover(): Promise<void> {
    this.lease.assertHeld();
    await this.rollback.recover();
  }

  /**
   * @param path as the quarantine lists it
   * @param name what the file is to be called; otherwise as the bytes are called in the quarantine
   * @throws BlobMissingError; ContractError invalidFileName, nameTaken, fileLimitExceeded, storageLimitExceeded
   */
  async restore(path: string, owner: Owner, name = path.split('/').at(-1)!): Promise<File> {
    this.lease.assertHeld();
    const restored = await this.findRestored(path, owner, name);
    if (!restored) return this.bringBack(path, owner, name);
    await this.quarantine.discard(path);
    return restored;
  }

  private async bringBack(path: string, owner: Owner, name: string): Promise<File> {
    const reader = await this.quarantine.open(path);
    let incoming: Incoming | undefined;
    try {
      incoming = await this.incoming.begin(owner, name);
      await copy(reader, incoming);
      const file = await incoming.commit();
      await this.quarantine.discard(path);
      return file;
    } catch (error) {
      await reader.close();
      await incoming?.abort();
      throw error;
    }
  }

  /** The file that these very bytes have become already, in a restore that was killed before it could discard them. */
  private async findRestored(path: string, owner: Owner, name: string): Promise<File | undefined> {
    const file = await findNamed(this.dataSource, owner.id, name);
    if (!file) return undefined;
    const reader = await this.quarantine.open(path);
    if (reader.size === file.size && (await hashOf(reader)) === file.sha256) return file;
    await reader.close();
    throw new ContractError('nameTaken');
  }
}

async function copy(reader: BlobReader, incoming: Incoming): Promise<void> {
  if (reader.size === 0) await reader.close();
  else await pour(reader.stream(0, reader.size - 1), incoming);
}
