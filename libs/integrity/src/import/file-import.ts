import { ContractError } from '@app/contract';
import { ServerLease } from '@app/data-directory';
import type { File, User } from '@app/database';
import { type ImportableIncoming, type Imported, IncomingService, pour, UploadRollback } from '@app/files';
import { type BlobReader, BlobMissingError, type SourceTree } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findNamed, hashOf } from './there-already.js';

export type Owner = Pick<User, 'id' | 'username'>;

/** What a file of elsewhere is to become. */
export interface Wanted {
  readonly tree: SourceTree;
  /** In the tree. */
  readonly path: string;
  /** What it is to be called. */
  readonly name: string;
  /** What its bytes must be, where that is known. */
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
  readonly keep: Imported;
}

/** `there`: it has been brought in before, with these very bytes. */
export type Brought =
  | { readonly outcome: 'imported' | 'there' | 'possible'; readonly fileId?: number; readonly bytes: number }
  | { readonly outcome: 'refused'; readonly detail: string };

/**
 * Brings files of elsewhere in, by the protocol and under the rules of an upload. What is there already with the same bytes is left
 * as it is, so that an import that was killed can be run again. For whoever holds the lease.
 */
@Injectable()
export class FileImport {
  constructor(
    private readonly lease: ServerLease,
    private readonly dataSource: DataSource,
    private readonly rollback: UploadRollback,
    private readonly incoming: IncomingService,
  ) {}

  /** Undoes what an import left that was killed in the middle. */
  async recover(): Promise<void> {
    this.lease.assertHeld();
    await this.rollback.recover();
  }

  /** Refusals are an outcome; what fails otherwise, such as a full disk, is thrown and ends the import. */
  async bring(owner: Owner, wanted: Wanted, dryRun: boolean): Promise<Brought> {
    try {
      const there = await findNamed(this.dataSource, owner.id, wanted.name);
      if (there) return await compare(there, wanted);
      const reader = await wanted.tree.open(wanted.path);
      const { size } = reader;
      if (wanted.size !== undefined && wanted.size !== size) {
        await reader.close();
        return refuse(`has ${size} bytes, and its record says ${wanted.size}`);
      }
      if (!dryRun) return await this.take(owner, wanted, reader);
      await reader.close();
      return { outcome: 'possible', bytes: size };
    } catch (error) {
      return refuse(reasonOf(error));
    }
  }

  private async take(owner: Owner, wanted: Wanted, reader: BlobReader): Promise<Brought> {
    const { size } = reader;
    let incoming: ImportableIncoming | undefined;
    try {
      const room = await this.incoming.admit(owner.id, size);
      incoming = await this.incoming.begin(owner, wanted.name, room, wanted.tree.at(wanted.path));
      if (incoming.size > 0 && incoming.size !== size) throw new ContractError('checksumMismatch');
      if (incoming.size === size) await reader.close();
      else await pour(reader.stream(0, size - 1), incoming);
      const { id } = await incoming.commit(undefined, { ...wanted.keep, sha256: wanted.sha256 });
      return { outcome: 'imported', fileId: id, bytes: size };
    } catch (error) {
      await reader.close();
      await incoming?.abort();
      throw error;
    }
  }
}

async function compare(there: File, { tree, path }: Wanted): Promise<Brought> {
  const reader = await tree.open(path);
  const { size } = reader;
  if (size !== there.size) await reader.close();
  else if ((await hashOf(reader)) === there.sha256) return { outcome: 'there', fileId: there.id, bytes: size };
  return refuse(`there is another file of this name already: ${there.name}`);
}

export function refuse(detail: string): Brought & { outcome: 'refused' } {
  return { outcome: 'refused', detail };
}

/** In one line. @throws the error where it is no refusal of this one file */
export function reasonOf(error: unknown): string {
  if (error instanceof BlobMissingError) return 'its bytes are not there';
  if (!(error instanceof ContractError) || error.getStatus() >= 500) throw error;
  const { details } = error.getResponse() as { details?: { name?: string[] } };
  return details?.name ? `${error.message}: the name ${details.name.join('; ')}` : error.message;
}
