import { ServerLease } from '@app/data-directory';
import type { File, User } from '@app/database';
import { type Incoming, IncomingService, pour } from '@app/files';
import { type BlobReader, Quarantine } from '@app/storage';
import { Injectable } from '@nestjs/common';

/**
 * Makes files of what lies in the quarantine, by the protocol and under the rules of an upload: name, limits, uniqueness.
 * For whoever holds the lease.
 */
@Injectable()
export class QuarantineRestore {
  constructor(
    private readonly lease: ServerLease,
    private readonly quarantine: Quarantine,
    private readonly incoming: IncomingService,
  ) {}

  /**
   * @param path `<date>/<owner>/<name>`
   * @param name what the file is to be called; otherwise as the bytes are called in the quarantine
   * @throws BlobMissingError; ContractError invalidFileName, nameTaken, fileLimitExceeded, storageLimitExceeded
   */
  async restore(path: string, owner: Pick<User, 'id' | 'username'>, name = path.split('/').at(-1)!): Promise<File> {
    this.lease.assertHeld();
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
}

async function copy(reader: BlobReader, incoming: Incoming): Promise<void> {
  if (reader.size === 0) await reader.close();
  else await pour(reader.stream(0, reader.size - 1), incoming);
}
