import { AppConfig } from '@app/config';
import { Storage, UnitOfWork } from '@app/database';
import { type StorageService, Storages, StorageUnusableError } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Holds storage and database together: each knows the other's id. */
@Injectable()
export class StorageRegistry {
  private readonly logger = new Logger(StorageRegistry.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly storages: Storages,
    private readonly config: AppConfig,
  ) {}

  /**
   * Makes the storage ready. A database that knows none yet takes the storage as it is, with an id that it may have
   * already: a crash between the two halves of the first start leaves just that. It never takes one with folders of owners.
   * @throws StorageUnusableError when it is not the storage that the database knows, or must not be made anew
   */
  async attach(): Promise<void> {
    const { kind } = this.storage;
    await this.refuseSplit(kind);
    const known = await this.dataSource.manager.findOneBy(Storage, { kind });
    if (!known) this.sayNew();
    const id = await this.storage.attach(known?.id);
    if (!known) await this.units.run((unit) => unit.manager.insert(Storage, { id, kind, createdAt: Date.now() }));
  }

  /**
   * Proves that the storage is the one that the database knows, and changes nothing: for programs beside the server.
   * @throws StorageUnusableError when it is another one, or none has been attached yet
   */
  async verify(): Promise<void> {
    const known = await this.dataSource.manager.findOneBy(Storage, { kind: this.storage.kind });
    if (!known) throw new StorageUnusableError('The database knows no storage yet: start the server once');
    await this.storage.verify(known.id);
  }

  /** Files that are in another storage would not be there for anybody. */
  private async refuseSplit(kind: string): Promise<void> {
    const [other] = await this.dataSource.query<{ kind: string }[]>(
      `SELECT s.kind FROM storages s WHERE s.kind <> ?
       AND (EXISTS (SELECT 1 FROM files f WHERE f.storageId = s.id)
         OR EXISTS (SELECT 1 FROM blobRemovals r WHERE r.storageId = s.id))`,
      [kind],
    );
    if (!other) return;
    const setting = other.kind === 's3' ? 'with' : 'without';
    throw new StorageUnusableError(
      `The database has files whose bytes are in another storage (${other.kind}): start ${setting} STORAGE_URL, as before`,
    );
  }

  /** Loudly: whoever has had a drive here before must know that this is another one. */
  private sayNew(): void {
    const { dataDir, storageUrl, newDrive } = this.config;
    if (newDrive === 'refuse')
      throw new StorageUnusableError('NEW_DRIVE is refuse, and the database knows no drive: is it the right one?');
    const where = storageUrl ? `the bucket ${storageUrl.bucket}` : dataDir;
    const msg = `A NEW DRIVE IS MADE in ${where}. Was there one before? Then stop: its disk may not be mounted.`;
    this.logger.warn({ event: 'new-drive', msg });
  }

  private get storage(): StorageService {
    return this.storages.current;
  }
}
