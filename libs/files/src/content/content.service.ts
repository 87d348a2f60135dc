import { ContractError } from '@app/contract';
import type { File } from '@app/database';
import { BlobMissingError, type BlobReader, Storages } from '@app/storage';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { isLive } from '../file-rows.js';
import { select, type Selection } from './byte-range.js';
import { contentHeaders } from './content-headers.js';

/** Bytes that are sent from one buffer. */
const SMALL = 64 * 1024;

/** A file whose bytes are open and proved to be its own. */
export interface OpenContent {
  readonly file: File;
  readonly reader: BlobReader;
}

/** Sends the bytes of files. */
@Injectable()
export class ContentService {
  private readonly logger = new Logger(ContentService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly storages: Storages,
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
        throw new ContractError('fileNotFound');
      }
      if (reader.size !== file.size) throw this.damaged(file, `has ${reader.size} bytes instead of ${file.size}`);
      return { file, reader };
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /** Answers a request for the bytes of a file with whatever it asks for. */
  async send(file: File, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    await this.sendOpen(await this.open(file), request, reply);
  }

  /** Answers a request for bytes that are open already with whatever it asks for. Closes the reader. */
  async sendOpen(content: OpenContent, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { file, reader } = content;
    try {
      const { 'if-range': ifRange, 'if-none-match': ifNoneMatch } = request.headers;
      // RFC 9110, 14.2: a range means something to GET alone.
      const range = request.method === 'GET' ? request.headers.range : undefined;
      const etag = `"${file.sha256}"`;
      const selection = select({ range, ifRange: ifRange as string | undefined, ifNoneMatch }, etag, file.size);
      void reply.headers({ ...contentHeaders(file.name), etag, 'accept-ranges': 'bytes' });
      await this.sendSelection(content, selection, request.method === 'HEAD', reply);
    } catch (error) {
      await reader.close();
      throw error;
    }
  }

  /**
   * Sends a whole file (its headers, if that is what is asked for), without ranges, validators or anything that would
   * invite a second request. Closes the reader.
   */
  async sendWhole(content: OpenContent, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    void reply.headers(contentHeaders(content.file.name));
    await this.sendSelection(content, 'whole', request.method === 'HEAD', reply);
  }

  private async sendSelection(
    content: OpenContent,
    selection: Selection,
    headOnly: boolean,
    reply: FastifyReply,
  ): Promise<void> {
    const { reader } = content;
    if (selection === 'not-modified') {
      await reader.close();
      return void reply.code(304).removeHeader('content-type').send();
    }
    const { start, end } = selection === 'whole' ? { start: 0, end: reader.size - 1 } : selection;
    void reply.code(selection === 'whole' ? 200 : 206).header('content-length', end - start + 1);
    if (selection !== 'whole') void reply.header('content-range', `bytes ${start}-${end}/${reader.size}`);
    if (headOnly || end < start) {
      await reader.close();
      return void reply.send();
    }
    void reply.send(end - start < SMALL ? await reader.read(start, end) : reader.stream(start, end));
  }

  private async openBlob(file: File): Promise<BlobReader> {
    try {
      return await this.storages.of(file.storageId).open(file.storageKey);
    } catch (error) {
      if (!(error instanceof BlobMissingError)) throw error;
      // Deleted between the guard and now? Then that is what to say; otherwise the record has lost its bytes.
      if (!(await isLive(this.dataSource, file.id))) {
        throw new ContractError('fileNotFound', { cause: error });
      }
      throw this.damaged(file, 'has no bytes');
    }
  }

  private damaged(file: File, what: string): Error {
    this.logger.error({ event: 'blob-damaged', fileId: file.id, error: `The blob of a live file ${what}` });
    return new Error(`The blob of file ${file.id} ${what}`);
  }
}
