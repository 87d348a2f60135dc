import { createHash } from 'node:crypto';
import { setInterval } from 'node:timers';
import { failpoint } from '@app/config';
import { CommitOutcomeUnknownError, isUniqueViolation, UnitOfWork } from '@app/database';
import { type BlobReader, type BlobWriter, NameRefusedError, type StorageService, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { pour } from '../incoming/pour.js';
import { RemovalsService } from '../removals/removals.service.js';
import { CopiesUnderWay, CopyStoppedError, type CopyUnderWay } from './copies-under-way.js';
import { type FileToMove, insertIntent, type Intent, RENEW_EVERY_MS, renewIntent, takeOver } from './move-rows.js';

/** The bytes of a file are not what its record says. Nothing is done to them. */
export class DamagedBytesError extends Error {
  override readonly name = 'DamagedBytesError';
}

/** A copy while it is made. */
interface Making {
  readonly file: FileToMove;
  intent: Intent;
  renewing?: Promise<void>;
  readonly copy: CopyUnderWay;
}

/**
 * Moves one file to the current storage: a removal of the copy, then the copy, read back and compared; then in one
 * transaction the record says that its bytes are there, that removal goes, and one of the old bytes comes
 * (docs/decisions/0240-moving.md).
 */
@Injectable()
export class FileMove {
  private readonly logger = new Logger(FileMove.name);

  constructor(
    private readonly units: UnitOfWork,
    private readonly storages: Storages,
    private readonly removals: RemovalsService,
    private readonly underWay: CopiesUnderWay,
  ) {}

  /**
   * @returns whether it is moved: one that is deleted meanwhile is not
   * @throws DamagedBytesError, NameRefusedError, BlobMissingError and what else is wrong with this file; StorageFullError;
   * StorageUnusableError when a storage cannot be reached. The file is where it was then, and nothing is left of the copy
   */
  async move(file: FileToMove): Promise<boolean> {
    const storage = this.storages.current;
    if (Buffer.byteLength(file.name) > storage.longestName) throw new NameRefusedError('its name is too long there');
    const intent = await this.claim(file, storage);
    failpoint('move.claimed');
    const making: Making = { file, intent, copy: this.underWay.begin(intent.id) };
    let old: Intent;
    try {
      old = await this.copy(making, storage);
    } catch (error) {
      if (error instanceof CommitOutcomeUnknownError) throw error;
      await this.undo(making, storage);
      if (error instanceof CopyStoppedError) return false;
      throw error;
    } finally {
      making.copy.end();
    }
    failpoint('move.switched');
    // What cannot be removed now is removed later: it waits in the queue as the bytes of a delete do.
    await this.removals.removeBytes(old).catch(() => undefined);
    return true;
  }

  private async claim(file: FileToMove, storage: StorageService): Promise<Intent> {
    const place = { storageId: storage.id, storageKey: storage.keyOf(file.username, file.name) };
    try {
      return await insertIntent(this.units, file, place);
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
      // Where keys are used again, bytes may be about to go from this one.
      await this.removals.freeKey(place);
      return insertIntent(this.units, file, place);
    }
  }

  private async copy(making: Making, storage: StorageService): Promise<Intent> {
    const { file, copy } = making;
    const renewal = setInterval(() => (making.renewing = this.renew(making)), RENEW_EVERY_MS).unref();
    try {
      const writer = await this.fill(making, storage);
      const old = await storage.exclusively(making.intent.storageKey, async () => {
        copy.signal.throwIfAborted();
        await writer.publish(making.intent.storageKey);
        failpoint('move.published');
        await prove(await storage.open(making.intent.storageKey), file, copy.signal);
        failpoint('move.proved');
        clearInterval(renewal);
        await making.renewing;
        return takeOver(this.units, file, making.intent);
      });
      await writer.close().catch((error) => this.logger.warn({ event: 'temporary-file-left', error: String(error) }));
      return old;
    } finally {
      clearInterval(renewal);
    }
  }

  /** Writes the bytes to where nobody sees them. */
  private async fill({ file, intent, copy }: Making, storage: StorageService): Promise<BlobWriter> {
    const reader = await this.storages.of(file.storageId).open(file.storageKey);
    try {
      if (reader.size !== file.size) throw new DamagedBytesError(`${reader.size} bytes instead of ${file.size}`);
      const writer = await storage.createUpload(file.id, intent.storageKey);
      if (reader.size > 0) await pour(reader.stream(0, reader.size - 1), writer, { signal: copy.signal });
      const { size, sha256 } = await writer.finish();
      if (size !== file.size || sha256 !== file.sha256) throw unlike(sha256, file);
      failpoint('move.copied');
      return writer;
    } finally {
      await reader.close();
    }
  }

  private async renew(making: Making): Promise<void> {
    try {
      making.intent = await renewIntent(this.units, making.intent);
    } catch (error) {
      if (error instanceof CopyStoppedError) void this.underWay.stop(making.intent.id);
      else this.logger.warn({ event: 'copy-not-renewed', fileId: making.file.id, error: String(error) });
    }
  }

  private async undo({ file, intent, copy }: Making, storage: StorageService): Promise<void> {
    try {
      await storage.exclusively(intent.storageKey, () => storage.rollBackUpload(file.id, intent.storageKey));
      copy.end();
      await this.removals.removeBytes(intent);
    } catch (error) {
      this.logger.warn({ event: 'copy-left', fileId: file.id, error: String(error) });
    }
  }
}

/** Reads bytes back from where they are now. @throws DamagedBytesError, or the signal's reason */
async function prove(reader: BlobReader, file: FileToMove, signal: AbortSignal): Promise<void> {
  const hash = createHash('sha256');
  if (reader.size === 0) await reader.close();
  else
    for await (const chunk of reader.stream(0, reader.size - 1)) {
      signal.throwIfAborted();
      hash.update(chunk as Buffer);
    }
  const sha256 = hash.digest('hex');
  if (sha256 !== file.sha256) throw unlike(sha256, file);
}

function unlike(sha256: string, file: FileToMove): DamagedBytesError {
  return new DamagedBytesError(`SHA-256 ${sha256} instead of ${file.sha256}`);
}
