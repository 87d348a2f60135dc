import { Readable } from 'node:stream';
import { ContractError } from '@app/contract';
import type { File } from '@app/database';
import type { PreparedAnswer } from '@app/http';
import { BlobMissingError, type BlobReader, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findLiveFile, isLive } from '../file-rows.js';
import { type ContentConditions, select, type Selection } from './byte-range.js';
import { ContentCache, WrongBytesError } from './content-cache.js';
import { contentHeaders } from './content-headers.js';
import { Downloads } from './downloads.js';
import { requireMatch } from './if-match.js';
import { safeType } from './safe-types.js';

/** Bytes that are sent from one buffer. */
const SMALL = 64 * 1024;

/** A file whose bytes are open and proved to be its own. */
export interface OpenContent {
  readonly file: File;
  readonly reader: BlobReader;
}

/** What a request wants of the bytes of a file. */
export interface WantedContent extends ContentConditions {
  /** Only the headers. */
  readonly headOnly: boolean;
  /** To show it, where its type is safe to show. */
  readonly inline?: boolean;
}

/** Prepares answers with the bytes of files. */
@Injectable()
export class ContentService {
  private readonly logger = new Logger(ContentService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
    private readonly downloads: Downloads,
    private readonly cache: ContentCache,
  ) {}

  /**
   * Opens the bytes of a file, and only then looks whether the file is still there: its path could by now carry the
   * bytes of a new file of the same name, and they would be served under the old file's permissions.
   * The caller closes the reader.
   * @throws ContractError fileNotFound when it has been deleted meanwhile
   * @throws StorageAbsentError when its storage is not here
   * @throws Error when the bytes are missing or have another size than the record says
   */
  async open(file: File): Promise<OpenContent> {
    const reader = await this.openBlob(file);
    try {
      if (!(await isLive(this.dataSource, file.id))) {
        this.cache.drop(file.id);
        throw new ContractError('fileNotFound');
      }
      if (reader.size !== file.size) throw this.damaged(file, `has ${reader.size} bytes instead of ${file.size}`);
      return { file, reader };
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** The whole bytes of a file, for what takes them along with others. Its end, or destroying it, closes the file. */
  async stream(file: File): Promise<Readable> {
    const { reader } = await this.open(file);
    if (reader.size > 0) return this.downloads.track(file.id, reader.stream(0, reader.size - 1));
    await reader.close();
    return Readable.from([]);
  }

  /** The answer to a request for the bytes of a file: whatever it asks for. */
  async prepare(file: File, wanted: WantedContent): Promise<PreparedAnswer> {
    const answer = await this.prepareOpen(await this.open(file), wanted);
    // Not for the log, where there is a line for the request.
    if (!wanted.headOnly && hasFirstByte(answer))
      this.logger.debug({ event: 'file-downloaded', fileId: file.id, userId: file.ownerId });
    return answer;
  }

  /** The answer to a request for bytes that are open already: whatever it asks for. Its body closes the reader. */
  async prepareOpen(content: OpenContent, wanted: WantedContent): Promise<PreparedAnswer> {
    const { file, reader } = content;
    try {
      requireMatch(file, wanted.ifMatch);
      const etag = `"${file.sha256}"`;
      const selection = select(wanted, etag, file.size);
      const shownAs = wanted.inline ? safeType(file.extension) : undefined;
      const headers = { ...contentHeaders(file.name, shownAs), etag, 'accept-ranges': 'bytes' };
      return await this.answer(content, selection, wanted.headOnly, headers);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /**
   * The answer with a whole file (its headers, if that is what is wanted), without ranges, validators or anything that
   * would invite a second request. Its body closes the reader.
   */
  async prepareWhole(content: OpenContent, { headOnly }: WantedContent): Promise<PreparedAnswer> {
    return this.answer(content, 'whole', headOnly, contentHeaders(content.file.name));
  }

  private async answer(
    { file, reader }: OpenContent,
    selection: Selection,
    headOnly: boolean,
    common: Record<string, string>,
  ): Promise<PreparedAnswer> {
    if (selection === 'not-modified') {
      await reader.close();
      const { 'content-type': _, ...headers } = common;
      return { status: 304, headers };
    }
    const { start, end } = selection === 'whole' ? { start: 0, end: reader.size - 1 } : selection;
    const range: Record<string, string> =
      selection === 'whole' ? {} : { 'content-range': `bytes ${start}-${end}/${reader.size}` };
    const headers = { ...common, ...range, 'content-length': end - start + 1 };
    const status = selection === 'whole' ? 200 : 206;
    if (headOnly || end < start) {
      await reader.close();
      return { status, headers };
    }
    if (end - start < SMALL) return { status, headers, body: await reader.read(start, end) };
    return { status, headers, body: this.downloads.track(file.id, reader.stream(start, end)) };
  }

  private async openBlob(file: File): Promise<BlobReader> {
    const storage = this.storages.of(file.storageId);
    const open = () => storage.open(file.storageKey);
    try {
      return await (this.cache.takes(file, storage) ? this.cache.open(file, open) : open());
    } catch (error) {
      if (error instanceof WrongBytesError) throw this.damaged(file, 'is not what was recorded');
      if (!(error instanceof BlobMissingError)) throw error;
      // Deleted between the guard and now? Then that is what to say. Moved? Then they are there. Otherwise they are lost.
      const now = await findLiveFile(this.dataSource, file.id);
      if (!now) throw new ContractError('fileNotFound', { cause: error });
      if (now.storageId !== file.storageId || now.storageKey !== file.storageKey) return this.openBlob(now);
      // Where the whole volume is away, no bytes are lost.
      await storage.verify(file.storageId);
      throw this.damaged(file, 'has no bytes');
    }
  }

  private damaged(file: File, what: string): Error {
    this.logger.error({ event: 'blob-damaged', fileId: file.id, error: `The blob of a live file ${what}` });
    return new Error(`The blob of file ${file.id} ${what}`);
  }
}

/** Whether an answer begins with the first byte, and so is a download of its own and not the rest of another one. */
export function hasFirstByte({ status, headers }: PreparedAnswer): boolean {
  return status === 200 || (status === 206 && String(headers['content-range']).startsWith('bytes 0-'));
}
