import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { ContractError } from '@app/contract';
import { ClientGoneError } from '@app/http';
import { boundaryOf, type FormListener, FormParser } from './multipart/form-parser.js';
import { decodeText, MalformedFormError, type PartHead } from './multipart/part-head.js';

/** Bytes that may surround the file: boundaries, headers, small fields. More is no upload but a way to keep us busy. */
export const MULTIPART_OVERHEAD = 64 * 1024;
/** The file, and fields that some clients send with it. */
const MOST_PARTS = 6;
/** Bytes of the field `name`; what is longer is no name. */
const LONGEST_NAME = 4096;

export interface FilePart {
  /** As the client sent it: that of the part, or what a field `name` before it says. */
  readonly name: string;
  readonly bytes: Readable;
}

/**
 * Reads a multipart body that holds exactly one file, in the part `file`.
 * @param receive takes the bytes; when it rejects, reading stops at once
 * @returns what `receive` gave, once the body has been read to its closing boundary
 * @throws ContractError noFileProvided for a body that is none of that, or is cut off: its details say which
 * @throws ClientGoneError
 */
export async function readFilePart<Result>(
  request: IncomingMessage,
  receive: (part: FilePart) => Promise<Result>,
): Promise<Result> {
  const boundary = boundaryOf(request.headers['content-type']);
  if (boundary === undefined)
    throw refusal('must be multipart/form-data with a boundary, and have one part named file');
  return new FilePartReader(request, boundary, receive).read();
}

class FilePartReader<Result> implements FormListener {
  private readonly parser: FormParser;
  private bytes: Readable | undefined;
  private received: Promise<Result> | undefined;
  /** The part that is being read. */
  private current: 'file' | 'name' | 'other' = 'other';
  private parts = 0;
  /** The field `name`, while it comes in. */
  private nameBytes: Buffer | undefined;
  private name: string | undefined;
  /** Bytes that have come in and belong to no file. */
  private overhead = 0;
  private done: { resolve: (result: Result) => void; reject: (error: unknown) => void };

  constructor(
    private readonly request: IncomingMessage,
    boundary: string,
    private readonly receive: (part: FilePart) => Promise<Result>,
  ) {
    this.parser = new FormParser(boundary, this);
  }

  read(): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      this.done = { resolve, reject };
      this.request.on('close', this.onClose).on('error', this.onClose).on('data', this.onChunk).on('end', this.onEnd);
      // A request that was closed before we listened says so no more.
      if (this.request.destroyed) this.onClose();
    }).finally(() => this.request.off('close', this.onClose));
  }

  onPart({ field, fileName }: PartHead): void {
    this.parts += 1;
    if (this.parts > MOST_PARTS) throw new MalformedFormError('has too many parts');
    this.current = field === 'file' ? 'file' : field === 'name' && !this.bytes ? 'name' : 'other';
    if (this.current === 'file') return this.begin(this.name ?? fileName);
    if (fileName !== undefined) throw new MalformedFormError('has a file in a part that is not named file');
    if (this.current !== 'name') return;
    if (this.nameBytes) throw new MalformedFormError('has the field name twice');
    this.nameBytes = Buffer.alloc(0);
  }

  onBytes(bytes: Buffer): void {
    if (this.current === 'file') {
      this.overhead -= bytes.length;
      if (!this.bytes!.push(bytes)) this.request.pause();
    } else if (this.current === 'name') {
      this.nameBytes = Buffer.concat([this.nameBytes!, bytes]);
      if (this.nameBytes.length > LONGEST_NAME) throw new ContractError('invalidFileName');
    }
  }

  onPartEnd(): void {
    if (this.current === 'file') {
      this.bytes!.push(null);
      // Whoever takes the bytes asks for no more; the rest of the form is still to come.
      this.request.resume();
    } else if (this.current === 'name') {
      // A form's empty input says nothing.
      this.name = decodeText(this.nameBytes!) || undefined;
    }
  }

  private begin(name: string | undefined): void {
    if (this.bytes) throw new MalformedFormError('has more than one file');
    if (name === undefined) throw new MalformedFormError('has no filename at the part file');
    this.bytes = new Readable({ read: () => void this.request.resume() });
    // Without a listener an error of a part that is cut off would end the process; `fail` tells its reader.
    this.bytes.on('error', () => undefined);
    this.received = this.receive({ name, bytes: this.bytes });
    this.received.catch(this.fail);
  }

  private readonly onChunk = (chunk: Buffer) => {
    this.overhead += chunk.length;
    try {
      this.parser.write(chunk);
      if (this.overhead > MULTIPART_OVERHEAD) throw new MalformedFormError('has too much beside its file');
    } catch (error) {
      this.fail(error);
    }
  };

  private readonly onEnd = () => {
    try {
      this.parser.end();
      if (!this.received) throw new MalformedFormError('has no part named file');
      this.received.then(this.done.resolve, this.fail);
    } catch (error) {
      this.fail(error);
    }
  };

  /** Not `complete`: a body that has arrived whole is lost all the same when its request is closed before it is read. */
  private readonly onClose = () => {
    if (!this.request.readableEnded) this.fail(new ClientGoneError('The client went away'));
  };

  private readonly fail = (error: unknown) => {
    this.request.off('data', this.onChunk).off('end', this.onEnd).pause();
    const reason = error instanceof MalformedFormError ? refusal(error.message) : error;
    // Whoever takes the bytes waits for more: it must learn that there is none.
    this.bytes?.destroy(reason as Error);
    // Only when it has ended can the caller undo what it did.
    void Promise.allSettled([this.received]).then(() => this.done.reject(reason));
  };
}

function refusal(what: string): ContractError {
  return new ContractError('noFileProvided', { fields: { details: { body: [what] } } });
}
