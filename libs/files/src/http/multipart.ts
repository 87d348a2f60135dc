import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { ContractError } from '@app/contract';
import { Busboy, type BusboyFileStream, type BusboyHeaders, type BusboyInstance } from '@fastify/busboy';

/** Bytes that may surround the file: boundaries, headers, small fields. More is no upload but a way to keep us busy. */
export const MULTIPART_OVERHEAD = 64 * 1024;
/** Bytes that may be read but not parsed yet, so that nobody can say whether they belong to the file. */
const IN_TRANSIT = 256 * 1024;

const LIMITS = { files: 1, fields: 5, parts: 6, headerPairs: 20, fieldSize: 4096 };

/** The client went away before its upload was whole. Nobody is there to read an answer. */
export class ClientGoneError extends Error {
  override readonly name = 'ClientGoneError';
}

export interface FilePart {
  /** As the client sent it. */
  readonly name: string;
  readonly bytes: Readable;
}

/**
 * Reads a multipart body that holds exactly one file, in the part `file`.
 * @param receive takes the bytes; when it rejects, reading stops at once
 * @returns what `receive` gave, once the body has been read to its closing boundary
 * @throws ContractError noFileProvided for a body that is none of that, or is cut off
 * @throws ClientGoneError
 */
export async function readFilePart<Result>(
  request: IncomingMessage,
  receive: (part: FilePart) => Promise<Result>,
): Promise<Result> {
  return new FilePartReader(request, createParser(request), receive).read();
}

class FilePartReader<Result> {
  private part: BusboyFileStream | undefined;
  private received: Promise<Result> | undefined;
  private arrived = 0;
  private reject: (error: unknown) => void;

  constructor(
    private readonly request: IncomingMessage,
    private readonly parser: BusboyInstance,
    private readonly receive: (part: FilePart) => Promise<Result>,
  ) {}

  read(): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.reject = reject;
      this.parser
        .on('file', this.onFile)
        .on('filesLimit', this.refuse)
        .on('fieldsLimit', this.refuse)
        .on('partsLimit', this.refuse)
        .on('error', this.refuse)
        .on('finish', () => (this.received ? this.received.then(resolve, this.fail) : this.refuse()));
      this.request.on('close', this.onClose).on('error', this.onClose).on('data', this.onChunk).pipe(this.parser);
      // A request that was closed before we listened says so no more.
      if (this.request.destroyed) this.onClose();
    }).finally(() => this.request.off('close', this.onClose).off('data', this.onChunk));
  }

  private readonly onFile = (field: string, stream: BusboyFileStream, fileName: string | undefined) => {
    // Without a listener an error of a part that is cut off would end the process; `fail` tells its reader.
    stream.on('error', () => undefined);
    if (field !== 'file') return this.refuse();
    this.part = stream;
    this.received = this.receive({ name: fileName ?? '', bytes: stream });
    this.received.catch(this.fail);
  };

  private readonly onChunk = (chunk: Buffer) => {
    this.arrived += chunk.length;
    if (this.arrived - (this.part?.bytesRead ?? 0) > MULTIPART_OVERHEAD + IN_TRANSIT) this.refuse();
  };

  /** Not `complete`: a body that has arrived whole is lost all the same when its request is closed before it is read. */
  private readonly onClose = () => {
    if (!this.request.readableEnded) this.fail(new ClientGoneError('The client went away'));
  };

  private readonly refuse = () => this.fail(new ContractError('noFileProvided'));

  private readonly fail = (error: unknown) => {
    this.request.unpipe(this.parser);
    // Whoever takes the bytes waits for more: it must learn that there is none.
    this.part?.destroy(error as Error);
    // Only when it has ended can the caller undo what it did.
    void Promise.allSettled([this.received]).then(() => this.reject(error));
  };
}

function createParser(request: IncomingMessage): BusboyInstance {
  if (!/^multipart\/form-data\s*;/i.test(request.headers['content-type'] ?? '')) {
    throw new ContractError('noFileProvided');
  }
  try {
    return new Busboy({ headers: request.headers as BusboyHeaders, preservePath: true, limits: LIMITS });
  } catch {
    throw new ContractError('noFileProvided');
  }
}
