import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Requests of one connection that may wait for their answers. A client could send any number without reading one. */
const PIPELINE_LIMIT = 32;

interface Connection {
  /** Requests that are not answered yet. */
  waiting: number;
  /** What their answers are read from. */
  readonly streams: Set<Readable>;
}

/**
 * Bounds what a single connection can hold, lets go of all of it when the connection is closed, and closes it when the
 * server stops: at once where it waits for a request, else after its answers.
 * @param graceMs milliseconds for answers that are under way when the server stops
 */
export function watchConnections(server: FastifyInstance, graceMs: number): void {
  const connections = new Connections(graceMs);
  server.server.on('connection', (socket: Socket) => connections.open(socket));
  server.addHook('onRequest', ({ raw: { socket } }, _reply, done) => {
    // What the parser still finds in bytes that have come in already is not worth any more work.
    if (connections.begin(socket)) done();
    else socket.destroy();
  });
  server.addHook('onSend', ({ raw: { socket } }, _reply, payload, done) => {
    if (payload instanceof Readable) connections.hold(socket, payload);
    done(null, payload);
  });
  server.addHook('onResponse', ({ raw: { socket } }, _reply, done) => {
    connections.end(socket);
    done();
  });
  server.addHook('preClose', (done) => {
    connections.close();
    done();
  });
}

class Connections {
  private readonly all = new Map<Socket, Connection>();
  private closing = false;

  constructor(private readonly graceMs: number) {}

  open(socket: Socket): void {
    const connection = { waiting: 0, streams: new Set<Readable>() };
    this.all.set(socket, connection);
    socket.once('close', () => {
      this.all.delete(socket);
      // Node tells only the answer whose turn it is: those that wait behind it would keep their files open for ever.
      connection.streams.forEach((stream) => stream.destroy());
    });
  }

  /** @returns whether a further request may wait for its answer */
  begin(socket: Socket): boolean {
    const connection = this.all.get(socket);
    if (connection) connection.waiting += 1;
    return !connection || connection.waiting <= PIPELINE_LIMIT;
  }

  hold(socket: Socket, stream: Readable): void {
    if (socket.destroyed) return void stream.destroy();
    const streams = this.all.get(socket)?.streams.add(stream);
    stream.once('close', () => streams?.delete(stream));
  }

  end(socket: Socket): void {
    const connection = this.all.get(socket);
    if (connection) connection.waiting -= 1;
    if (this.closing && connection?.waiting === 0) socket.destroySoon();
  }

  close(): void {
    this.closing = true;
    for (const [socket, { waiting }] of this.all) if (waiting === 0) socket.destroySoon();
    setTimeout(() => [...this.all.keys()].forEach((socket) => socket.destroy()), this.graceMs).unref();
  }
}
