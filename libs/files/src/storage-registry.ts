import { AppConfig } from '@app/config';
import { Storage, UnitOfWork } from '@app/database';
import { type StorageService, Storages, StorageUnusableError } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';

/** Whether there are bytes in a storage, or may be. */
const USED = `(EXISTS (SELECT 1 FROM files f WHERE f.storageId = storages.id)
  OR EXISTS (SELECT 1 FROM blobRemovals r WHERE r.storageId = storages.id))`;

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
   * Makes the storages ready. A database that knows none yet takes the storage as it is, with an id that it may have
   * already: a crash between the two halves of the first start leaves just that. It never takes one with bytes of owners.
   * @throws StorageUnusableError when it is not the storage that the database knows, or must not be made anew
   */
  async attach(): Promise<void> {
    const { current, former } = this.storages;
    await this.refuseSplit();
    if (former) await former.attach((await this.knownFormer(former)).id);
    const known = await this.known(current);
    if (!known && !former) this.sayNew();
    const id = await current.attach(known?.id);
    const { kind } = current;
    if (!known) await this.units.run((unit) => unit.manager.insert(Storage, { id, kind, createdAt: Date.now() }));
    if (!former)
      await this.units.run((unit) => unit.change(`DELETE FROM storages WHERE kind <> ? AND NOT ${USED}`, [kind]));
  }

  /**
   * Proves that the storages are those that the database knows, and changes nothing: for programs beside the server.
   * @throws StorageUnusableError when one is another one, or has not been attached yet
   */
  async verify(): Promise<void> {
    const { current, former } = this.storages;
    await this.refuseSplit();
    const known = await this.known(current);
    if (!known) throw new StorageUnusableError('The database knows no such storage yet: start the server with it once');
    await current.verify(known.id);
    if (former) await former.verify((await this.knownFormer(former)).id);
  }

  private known({ kind }: StorageService): Promise<Storage | null> {
    return this.dataSource.manager.findOneBy(Storage, { kind });
  }

  private async knownFormer(former: StorageService): Promise<Storage> {
    const known = await this.known(former);
    if (known) return known;
    throw new StorageUnusableError('No bytes of this drive are where STORAGE_FORMER says: take that setting away');
  }

  /** Files that are in another storage would not be there for anybody. */
  private async refuseSplit(): Promise<void> {
    if (this.storages.former) return;
    const { kind } = this.storages.current;
    const sql = `SELECT kind FROM storages WHERE kind <> ? AND ${USED}`;
    const [other] = await this.dataSource.query<{ kind: string }[]>(sql, [kind]);
    if (!other) return;
    const setting = other.kind === 's3' ? 'with' : 'without';
    throw new StorageUnusableError(
      `The database has files whose bytes are in another storage (${other.kind}): start ${setting} STORAGE_URL, as before, ` +
        'or to move them, with STORAGE_FORMER as well',
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
}
