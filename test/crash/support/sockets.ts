import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** Milliseconds for which a socket waits for the rest of an answer. */
const PATIENCE_MS = 10_000;

/** A bare connection to a drive, for what no HTTP client would do. */
export class RawSocket {
  /** All that came back. */
  answer = '';
  private readonly socket: Socket;
  private readonly closed: Promise<void>;

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.setEncoding('latin1').on('data', (text: string) => (this.answer += text));
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()));
  }

  /** Bytes that are not with the kernel yet. */
  get pending(): number {
    return this.socket.destroyed ? 0 : this.socket.writableLength;
  }

  send(text: string): void {
    if (this.socket.writable) this.socket.write(text);
  }

  /** Sends a text a byte at a time, until its end or until `deadline` (milliseconds since 1970). */
  async trickle(text: string, everyMs: number, deadline: number): Promise<void> {
    for (const letter of text) {
      if (Date.now() > deadline || !this.socket.writable) return;
      this.send(letter);
      await delay(everyMs);
    }
  }

  /** Resolves when the server has ended the connection, or nothing more comes. */
  async end(): Promise<void> {
    await Promise.race([this.closed, delay(PATIENCE_MS, undefined, { ref: false })]);
    this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }
}
