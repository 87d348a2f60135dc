import { type DataDirectoryLock, isDataDirectoryLocked, lockDataDirectory } from './data-directory.js';
import { ServerLease } from './server-lease.js';

/** The lease of the one server of a data directory: the directory's lock. */
export class DataDirectoryLease extends ServerLease {
  private lock: DataDirectoryLock | undefined;

  constructor(private readonly dataDir: string) {
    super();
  }

  override get held(): boolean {
    return this.lock !== undefined;
  }

  override async isServed(): Promise<boolean> {
    return isDataDirectoryLocked(this.dataDir);
  }

  override async take(): Promise<void> {
    this.lock = lockDataDirectory(this.dataDir);
  }

  override async release(): Promise<void> {
    this.lock?.release();
    this.lock = undefined;
  }
}
