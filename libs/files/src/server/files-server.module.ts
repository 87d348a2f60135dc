import { AppConfig, waitWhileAway } from '@app/config';
import { ServerLease } from '@app/data-directory';
import { isDatabaseAway, UnitOfWork } from '@app/database';
import { Servers } from '@app/leases';
import { StorageAwayError, StorageModule } from '@app/storage';
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import { FilesModule } from '../files.module.js';
import { FilesHttpModule } from '../http/files-http.module.js';
import { MultipartUploads } from '../http/multipart-uploads.js';
import { UploadRollback } from '../incoming/upload-rollback.js';
import { ReceiptSigner } from '../receipts/receipt-signer.js';
import { StorageRegistry } from '../storage-registry.js';
import { UploadsService } from '../uploads/uploads.service.js';
import { MoveWorker } from './move.worker.js';
import { RemnantsWorker } from './remnants.worker.js';
import { RemovalsWorker } from './removals.worker.js';
import { UploadsWorker } from './uploads.worker.js';

/** Milliseconds between looks for uploads that are dead and still have a record. */
const SWEEP_EVERY_MS = 5_000;

/** A server's life with files: what only whoever holds the lease does, and no command line beside it. */
@Module({
  imports: [FilesModule, FilesHttpModule, StorageModule],
  providers: [MoveWorker, RemnantsWorker, RemovalsWorker, UploadsWorker],
})
export class FilesServerModule implements BeforeApplicationShutdown {
  private sweeper: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly lease: ServerLease,
    private readonly servers: Servers,
    private readonly registry: StorageRegistry,
    private readonly rollback: UploadRollback,
    private readonly signer: ReceiptSigner,
    private readonly multipart: MultipartUploads,
    private readonly uploads: UploadsService,
    private readonly uploadsWorker: UploadsWorker,
    private readonly removalsWorker: RemovalsWorker,
    private readonly remnantsWorker: RemnantsWorker,
    private readonly moveWorker: MoveWorker,
    private readonly units: UnitOfWork,
  ) {}

  /**
   * Before listening: makes the storage ready, undoes the uploads that died with an earlier process, and opens the key of
   * the receipts. A database or a store that is away meanwhile is waited for, and all of it is begun anew.
   */
  async open(): Promise<void> {
    this.lease.assertHeld();
    await waitWhileAway(this.config.startWaitMs, isAway, () => this.tryToOpen());
  }

  /**
   * After listening: carries out the removals that wait, sweeps up what recovery could not, and keeps room for deletes on a
   * full disk. Nobody waits for that.
   */
  start(): void {
    this.units.keepReserve();
    this.removalsWorker.start();
    this.uploadsWorker.start();
    this.remnantsWorker.start();
    this.moveWorker.start();
    this.sweeper = setInterval(() => void this.rollback.sweep(), SWEEP_EVERY_MS).unref();
  }

  /**
   * The stop, before the sockets are closed: ends the uploads, those of one request without a trace, and the worker after
   * the removal it is at.
   */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.multipart.stop(), this.uploads.stop()]);
    await Promise.all([this.uploadsWorker.stop(), this.remnantsWorker.stop(), this.moveWorker.stop()]);
    clearInterval(this.sweeper);
    await this.removalsWorker.stop();
    await this.servers.leave().catch(() => undefined);
  }

  private async tryToOpen(): Promise<void> {
    try {
      await this.servers.join();
      await this.registry.attach();
      await this.rollback.recover();
      await this.signer.open();
    } catch (error) {
      // It runs out in any case, and the error says more than that it cannot be given back.
      await this.servers.leave().catch(() => undefined);
      throw error;
    }
  }
}

function isAway(error: unknown): boolean {
  return error instanceof StorageAwayError || isDatabaseAway(error);
}
