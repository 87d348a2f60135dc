import { Storage, UnitOfWork } from '@app/database';
import { type StorageService, Storages, StorageUnusableError } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Holds storage and database together: each knows the other's id. */
@Injectable()
export class StorageRegistry {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly storages: Storages,
  ) {}

  /**
   * Makes the storage ready. A database that knows none yet takes the storage as it is, with an id that it may have
   * already: a crash between the two halves of the first start leaves just that.
   * @throws StorageUnusableError when it is not the storage that the database knows
   */
  async attach(): Promise<void> {
    const { kind } = this.storage;
    const known = await this.dataSource.manager.findOneBy(Storage, { kind });
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

  private get storage(): StorageService {
    return this.storages.current;
  }
}
