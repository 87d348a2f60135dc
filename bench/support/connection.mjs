// A client that costs less than what it measures: one connection, one request after the other, no more of HTTP than that
// takes. (node:http as a client costs as much as the server that it asks.)
import { connect } from 'node:net';

const MIB = 1024 * 1024;
const FILLING = Buffer.alloc(MIB, 'defdrive');
const END_OF_HEAD = '\r\n\r\n';
const END_OF_CHUNKS = '0\r\n\r\n';

/** The pieces that a body of so many bytes of filling consists of. */
export function* filling(size) {
  for (let left = size; left > 0; left -= MIB) yield FILLING.subarray(0, Math.min(left, MIB));
}

/** @typedef {{ status: number, head: string, text: string }} Answer */

export class Connection {
  #host;
  #socket;
  /** @type {Buffer} */
  #received = Buffer.alloc(0);
  /** Who waits for the answer. @type {{ resolve: (answer: Answer) => void, reject: (error: Error) => void } | undefined} */
  #waiting;

  constructor(url) {
    const { host, hostname, port } = new URL(url);
    this.#host = host;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true });
    this.#socket.on('data', (bytes) => this.#take(bytes));
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('The server closed the connection')));
  }

  /**
   * Sends a request.
   * @param {import('./load.mjs').Request} request
   * @returns {Promise<Answer>} it must say its length, unless it can have no body
   */
  exchange({ method, path, headers = {}, body }) {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      const length = body ? { 'content-length': body.head.length + body.size + body.tail.length } : {};
      const fields = Object.entries({ host: this.#host, ...headers, ...length });
      const head = `${method} ${path} HTTP/1.1\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
      if (!body) this.#socket.write(head);
      else if (body.size < MIB) this.#socket.write(head + body.head + text(body.size) + body.tail, 'latin1');
      else this.#pump(head, body);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #pump(head, body) {
    this.#socket.write(head + body.head);
    const pieces = filling(body.size);
    const more = () => {
      for (let piece = pieces.next(); !piece.done; piece = pieces.next()) {
        if (!this.#socket.write(piece.value)) return this.#socket.once('drain', more);
      }
      return this.#socket.write(body.tail);
    };
    more();
  }

  #take(bytes) {
    this.#received = this.#received.length > 0 ? Buffer.concat([this.#received, bytes]) : bytes;
    const end = this.#received.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const head = this.#received.toString('latin1', 0, end);
    const status = Number(head.slice(9, 12));
    const length = lengthOf(status, head);
    if (length === undefined) return this.#waiting?.reject(new Error(`An answer without a length:\n${head}`));
    const start = end + END_OF_HEAD.length;
    const total = start + length;
    if (this.#received.length < total) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const answer = { status, head, text: this.#received.toString('utf8', start, total) };
    this.#received = this.#received.subarray(total);
    waiting?.resolve(answer);
  }
}

/** Bytes of an answer's body. One in chunks is understood only where it is empty: then it is the end of chunks alone. */
function lengthOf(status, head) {
  if (status === 204) return 0;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return END_OF_CHUNKS.length;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head);
  return length ? Number(length[1]) : undefined;
}

function text(size) {
  return FILLING.toString('latin1', 0, size);
}
