import { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';

/** An answer that only has to be sent: a service prepares it and knows no reply. */
export interface PreparedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number>>;
  /** None where nothing follows the headers. */
  readonly body?: Buffer | Readable;
}

/** A stream that uses the memory of its pieces again, and so must know when nobody reads one any more. */
export interface PouredStream extends Readable {
  /**
   * Hands on the bytes piece by piece, in order, and ends the stream.
   * @param take resolves once it needs the piece no more: to true to get the next one, to false to get none
   * @returns whether all of them were taken
   */
  pour(take: (piece: Buffer) => Promise<boolean>): Promise<boolean>;
}

/** Sends an answer. What its body is read from is let go of at its end, or when the connection is closed. */
export function sendPrepared(reply: FastifyReply, { status, headers, body }: PreparedAnswer): void {
  void reply.code(status).headers(headers);
  void reply.send(body instanceof Readable && isPoured(body) ? new PouredBody(body) : body);
}

function isPoured(stream: Readable): stream is PouredStream {
  return 'pour' in stream;
}

/** What Fastify pipes into an answer: only a socket's answer says when the kernel has a piece. */
class PouredBody extends Readable {
  constructor(private readonly source: PouredStream) {
    super();
    source.once('error', (error) => this.destroy(error));
  }

  override pipe<Destination extends NodeJS.WritableStream>(destination: Destination): Destination {
    if (!(destination instanceof ServerResponse)) return this.source.pipe(destination);
    this.pourInto(destination).catch((error: Error) => void this.destroy(error));
    return destination;
  }

  override _read(): void {
    // Its bytes go round it.
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.source.destroy();
    done(error);
  }

  private async pourInto(response: ServerResponse): Promise<void> {
    if (!(await this.source.pour((piece) => write(response, piece)))) return void this.destroy();
    response.end();
    this.push(null);
    this.resume();
  }
}

/**
 * Resolves to true when the kernel has all bytes, to false when the connection is closed. Stays pending when it is closed
 * while an earlier answer is still being sent on it.
 */
function write(response: ServerResponse, piece: Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    response.write(piece, (error) => resolve(!error));
  });
}
