import { failpoint } from '@app/config';
import { ContractError } from '@app/contract';
import { type File, UnitOfWork } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { Downloads } from './content/downloads.js';
import { readFile } from './file-rows.js';
import { type DeleteOptions, DeleteTransaction } from './removals/delete-transaction.js';
import { RemovalsService } from './removals/removals.service.js';

/** The rules of a file's life after its upload. */
@Injectable()
export class FilesService {
  private readonly logger = new Logger(FilesService.name);

  constructor(
    private readonly units: UnitOfWork,
    private readonly transaction: DeleteTransaction,
    private readonly removals: RemovalsService,
    private readonly downloads: Downloads,
  ) {}

  /**
   * Deletes a file, irreversibly: its accesses, then its record, then its bytes. The COMMIT between record and bytes is
   * the moment from which it is gone for everybody; a record of the removal, made in the same transaction, stays until
   * the bytes are gone too, whatever happens to the disk or to this process.
   * @throws ContractError fileNotFound when somebody else was first; accessesNotDeleted, recordNotDeleted when nothing
   * has changed; bytesNotDeleted when the file is gone and its bytes will follow
   */
  async remove(file: File, options: DeleteOptions = {}): Promise<void> {
    const removal = await this.transaction.run(file, options);
    failpoint('delete.committed');
    this.logger.log({ event: 'file-deleted', fileId: file.id, userId: file.ownerId });
    if (options.endDownloads) this.downloads.end(file.id);
    try {
      await this.removals.removeBytes(removal);
    } catch (error) {
      throw new ContractError('bytesNotDeleted', { cause: error });
    }
  }

  /** Makes a file public or private: whether its public accesses open it. */
  async setPublic(file: File, isPublic: boolean): Promise<File> {
    const readable = await this.units.run(async (unit) => {
      const changed = await unit.change(
        "UPDATE files SET public = ?, updatedAt = ? WHERE id = ? AND ownerId = ? AND state = 'live'",
        [isPublic, Date.now(), file.id, file.ownerId],
      );
      if (changed !== 1) throw new ContractError('fileNotFound');
      return readFile(unit, file.id);
    });
    const { id: fileId, ownerId: userId } = file;
    this.logger.log({ event: 'file-access-changed', fileId, userId, public: isPublic });
    return readable;
  }
}
