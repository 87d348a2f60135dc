import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';

/** Requests of one connection that may wait for their answers. A client could send any number without reading one. */
const PIPELINE_LIMIT = 32;
/** Milliseconds. */
const STALLED = 120_000;

interface Connection {
  /** Requests that are not answered yet. */
  waiting: number;
  /** What their answers are read from. */
  readonly streams: Set<Readable>;
}

/**
 * Bounds what a single connection can hold, and lets go of all of it when the connection is closed.
 * @param stalledMs milliseconds without any progress after which an answer is given up: its client has stopped reading
 */
export function watchConnections(server: FastifyInstance, stalledMs = STALLED): void {
  const connections = new WeakMap<Socket, Connection>();
  server.addHook('onRequest', ({ raw: { socket } }, _reply, done) => {
    const connection = connections.get(socket) ?? open(socket);
    connections.set(socket, connection);
    connection.waiting += 1;
    // What the parser still finds in bytes that have come in already is not worth any more work.
    if (connection.waiting > PIPELINE_LIMIT) return void socket.destroy();
    done();
  });
  server.addHook('onSend', ({ raw: { socket } }, reply, payload, done) => {
    if (payload instanceof Readable) {
      hold(connections.get(socket), payload, socket);
      reply.raw.setTimeout(stalledMs);
    }
    done(null, payload);
  });
  server.addHook('onResponse', ({ raw: { socket } }, _reply, done) => {
    const connection = connections.get(socket);
    if (connection) connection.waiting -= 1;
    done();
  });
}

/** Node tells only the answer whose turn it is: those that wait behind it would keep their files open for ever. */
function open(socket: Socket): Connection {
  const connection = { waiting: 0, streams: new Set<Readable>() };
  socket.once('close', () => connection.streams.forEach((stream) => stream.destroy()));
  return connection;
}

function hold(connection: Connection | undefined, stream: Readable, socket: Socket): void {
  if (socket.destroyed) return void stream.destroy();
  connection?.streams.add(stream);
  stream.once('close', () => connection?.streams.delete(stream));
}
