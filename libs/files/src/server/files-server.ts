import { Injectable } from '@nestjs/common';
import { ReceiptSigner } from '../receipts/receipt-signer.js';
import { RemovalsWorker } from './removals.worker.js';
import { StorageRegistry } from '../storage-registry.js';
import { MultipartUploads } from '../http/multipart-uploads.js';
import { UploadsService } from '../uploads/uploads.service.js';
import { UploadsWorker } from './uploads.worker.js';
import { UploadRollback } from '../incoming/upload-rollback.js';

/**
 * What only the one server of a data directory does, and no command line beside it. Each step is for whoever holds the
 * lock of the data directory.
 */
@Injectable()
export class FilesServer {
  constructor(
    private readonly registry: StorageRegistry,
    private readonly rollback: UploadRollback,
    private readonly multipart: MultipartUploads,
    private readonly uploads: UploadsService,
    private readonly uploadsWorker: UploadsWorker,
    private readonly worker: RemovalsWorker,
    private readonly signer: ReceiptSigner,
  ) {}

  /**
   * Before listening: makes the storage ready, undoes the uploads that died with an earlier process, and opens the key of
   * the receipts.
   */
  async open(): Promise<void> {
    await this.registry.attach();
    await this.rollback.recover();
    await this.signer.open();
  }

  /** After listening: carries out the removals that wait, and sweeps up what recovery could not. There may be many, and nobody waits for them. */
  start(): void {
    this.worker.start();
    this.rollback.start();
    this.uploadsWorker.start();
  }

  /** Before the sockets are closed: ends the uploads, those of one request without a trace, and the worker after the removal it is at. */
  async stop(): Promise<void> {
    await Promise.all([this.multipart.stop(), this.uploads.stop()]);
    await this.uploadsWorker.stop();
    this.rollback.stop();
    await this.worker.stop();
  }
}
