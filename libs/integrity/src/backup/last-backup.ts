import { join } from 'node:path';
import { type CopiedFile, DatabaseCopy } from '@app/database';

/** An earlier backup, of which bytes may be taken over that are the same. */
export class LastBackup {
  private constructor(
    readonly directory: string,
    private readonly copy: DatabaseCopy,
    private readonly damaged: ReadonlySet<string>,
  ) {}

  /** @param damaged keys of what was missing or damaged in it */
  static open(directory: string, damaged: ReadonlySet<string>): LastBackup {
    return new LastBackup(directory, DatabaseCopy.open(join(directory, 'defdrive.sqlite')), damaged);
  }

  /** Whether it has these very bytes under this key: a name may have been used again for others. */
  has({ storageKey, size, sha256 }: CopiedFile): boolean {
    const before = this.copy.find(storageKey);
    return before?.sha256 === sha256 && before.size === size && !this.damaged.has(storageKey);
  }

  close(): void {
    this.copy.close();
  }
}
