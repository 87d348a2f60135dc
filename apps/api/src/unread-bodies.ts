import type { Socket } from 'node:net';
import { isWaiting } from '@app/http';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** What is read of bodies that nobody wants, so that their clients get to read the answer. */
export interface DrainBounds {
  /** Bytes of one body. One that is longer cannot be read to its end, and is not begun. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly ms: number;
  /** Each window of so many milliseconds must bring `pace` bytes. */
  readonly windowMs: number;
  readonly pace: number;
  /** Bodies at once; beyond, the one that has been read for longest is given up. */
  readonly most: number;
}

/** A line of 1 MiB/s brings all of 256 MiB in time, one of 8 KiB/s a photograph; and a stranger holds 64 connections at most. */
const DRAIN: DrainBounds = { bytes: 256 * 1024 ** 2, ms: 300_000, windowMs: 5_000, pace: 32 * 1024, most: 64 };

/**
 * Reads on where an answer was sent before its request's body had come in. Browsers send all of a body before they look
 * for an answer, and a connection that is closed over bytes that were not read is reset, which takes the answer along.
 */
export function drainUnread(server: FastifyInstance, bounds = DRAIN): void {
  const reading = new Map<Socket, () => void>();
  server.addHook('onSend', ({ raw }, _reply, payload, done) => {
    if (!raw.complete && !isWaiting(raw)) closeInTwoSteps(raw.socket);
    done(null, payload);
  });
  server.addHook('onResponse', (request, _reply, done) => {
    const { raw } = request;
    if (raw.complete) closeAsEver(raw.socket);
    else if (!raw.destroyed && !isWaiting(raw)) {
      const [oldest] = reading.size >= bounds.most ? reading.values() : [];
      oldest?.();
      reading.set(
        raw.socket,
        drain(request, bounds, () => reading.delete(raw.socket)),
      );
    }
    done();
  });
}

/** Node closes a connection right behind its last answer. This one says that it is done, and stays to be read from. */
function closeInTwoSteps(socket: Socket): void {
  socket.destroySoon = () => void socket.end();
}

/** There is nothing to be read any more. */
function closeAsEver(socket: Socket): void {
  if (!Object.hasOwn(socket, 'destroySoon')) return;
  Reflect.deleteProperty(socket, 'destroySoon');
  if (socket.writableEnded) socket.destroySoon();
}

/** @returns what gives it up */
function drain({ raw }: FastifyRequest, bounds: DrainBounds, stopped: () => void): () => void {
  const { socket } = raw;
  const begin = socket.bytesRead;
  const end = Date.now() + bounds.ms;
  const hopeless = Number(raw.headers['content-length'] ?? 0) > bounds.bytes;
  const giveUp = () => void socket.destroy();
  let before = begin;
  const timer = setInterval(() => {
    const arrived = socket.bytesRead - before;
    before = socket.bytesRead;
    if (hopeless || arrived < bounds.pace || before - begin > bounds.bytes || Date.now() > end) giveUp();
  }, bounds.windowMs).unref();
  const stop = () => {
    clearInterval(timer);
    stopped();
  };
  socket.once('close', stop);
  raw.once('end', () => {
    socket.off('close', stop);
    stop();
    closeAsEver(socket);
  });
  raw.resume();
  return giveUp;
}
