import { setTimeout as delay } from 'node:timers/promises';
import { ServerLease } from '@app/data-directory';
import { BlobRemoval, File } from '@app/database';
import { Servers } from '@app/leases';
import { AllDrivers, type BlobLook, type StorageInventory } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Finding } from './finding.js';

const PAGE = 500;
/** Milliseconds after which a temporary file that is still the same is not on its way out: an upload that has become live
 * lets go of its own at once. */
const SECOND_LOOK_MS = 2_000;

/**
 * What uploads left: pending records and temporary files. They are alive as long as a process holds the data directory,
 * because it undoes those of its predecessors before it does anything else.
 */
@Injectable()
export class UploadsCheck {
  constructor(
    private readonly lease: ServerLease,
    private readonly servers: Servers,
    private readonly dataSource: DataSource,
    private readonly drivers: AllDrivers,
  ) {}

  async *findings(): AsyncGenerator<Finding> {
    for (const { storage, inventory } of this.drivers.all) {
      if (await this.noneIsAlive()) yield* this.dead(storage.id);
      yield* this.left(inventory);
    }
  }

  private async *dead(storageId: string): AsyncGenerator<Finding> {
    const read = (after: number) => this.pending(storageId, after);
    for (let page = await read(0); page.length > 0; page = await read(page.at(-1)!.id)) {
      for (const { id: fileId, ownerId, storageKey: key } of page) {
        if (!(await this.isPending(fileId)) || !(await this.noneIsAlive())) continue;
        yield { kind: 'upload-dead', fileId, ownerId, key, problem: 'no process works on it' };
      }
    }
  }

  private async *left(inventory: StorageInventory): AsyncGenerator<Finding> {
    for await (const names of inventory.uploads()) {
      const suspects = new Map<string, BlobLook>();
      for (const name of names) {
        const look = await inventory.lookAtUpload(name);
        if (look && !(await this.isAlive(Number(name)))) suspects.set(name, look);
      }
      if (suspects.size > 0) await delay(SECOND_LOOK_MS);
      for (const [upload, before] of suspects) {
        const after = await inventory.lookAtUpload(upload);
        if (after?.version !== before.version) continue;
        yield { kind: 'temporary-file', upload, problem: `${after.size} bytes of no upload` };
      }
    }
  }

  /** Who holds the lease itself works on none; else whoever holds it may. */
  private async noneIsAlive(): Promise<boolean> {
    return this.lease.held || !(await this.servers.isServed());
  }

  /** Records that live and die with a request; an upload that outlives its requests waits for its client. */
  private pending(storageId: string, after: number): Promise<Pick<File, 'id' | 'ownerId' | 'storageKey'>[]> {
    return this.dataSource.query(
      `SELECT id, ownerId, storageKey FROM files WHERE id > ? AND state = 'pending' AND storageId = ?
       AND NOT EXISTS (SELECT 1 FROM uploads u WHERE u.fileId = files.id) ORDER BY id LIMIT ${PAGE}`,
      [after, storageId],
    );
  }

  private async isPending(id: number): Promise<boolean> {
    return Number.isSafeInteger(id) && this.dataSource.manager.existsBy(File, { id, state: 'pending' });
  }

  /** Also the copy of a live file, which a removal stands for until the file takes it over, is work of somebody. */
  private async isAlive(id: number): Promise<boolean> {
    const isCopied = () => this.dataSource.manager.existsBy(BlobRemoval, { fileId: id });
    return (await this.isPending(id)) || (this.drivers.all.length > 1 && (await isCopied()));
  }
}
