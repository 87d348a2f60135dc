import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What came back over a socket, taken apart. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  readonly text: string;
}

/** A socket to a server that says exactly what a test wants, HTTP or not. */
export class RawClient {
  /** All that came back so far. */
  received = '';
  private closed = false;

  private constructor(readonly socket: Socket) {
    // Bytes as characters, so that lengths in bytes are lengths here.
    socket.setEncoding('latin1').on('data', (chunk: string) => (this.received += chunk));
    socket.on('error', () => undefined).on('close', () => (this.closed = true));
  }

  static async connect(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends lines, each with its line end; the last one may be a body, which gets none when it is not empty. */
  send(...lines: string[]): void {
    this.socket.write(lines.join('\r\n'));
  }

  /** Sends lines and resolves with the answer. */
  ask(...lines: string[]): Promise<RawAnswer> {
    this.send(...lines);
    return this.answer();
  }

  /** Resolves with the next whole answer; what came with it stays received. @throws Error when the connection ends before */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const answer = parse(this.received);
      if (answer) {
        this.received = this.received.slice(answer.length);
        return answer;
      }
      if (this.closed) throw new Error(`The connection ended after ${JSON.stringify(this.received.slice(0, 200))}`);
      await this.more();
    }
  }

  /** Resolves when the server has closed the connection. */
  async end(): Promise<void> {
    while (!this.closed) await this.more();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private async more(): Promise<void> {
    await new Promise<void>((resolve) => {
      const go = () => {
        this.socket.off('data', go).off('close', go);
        resolve();
      };
      this.socket.on('data', go).on('close', go);
    });
  }
}

function parse(received: string): (RawAnswer & { length: number }) | undefined {
  const head = received.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const [first = '', ...lines] = received.slice(0, head).split('\r\n');
  const status = Number(first.split(' ')[1]);
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const size = status === 204 || status === 304 || status < 200 ? 0 : Number(headers['content-length'] ?? 0);
  const length = head + 4 + size;
  if (received.length < length) return undefined;
  return { status, headers, text: received.slice(head + 4, length), length };
}
