import type { IncomingMessage } from 'node:http';

/** The slowest pace at which a body may arrive. */
export interface Pace {
  /** Bytes in each window. */
  readonly bytes: number;
  /** Milliseconds. */
  readonly windowMs: number;
}

/** 1 KiB/s, measured over 30 s. A total time limit would also end an honest upload of 10 GiB over a slow line. */
const MINIMUM_PACE: Pace = { bytes: 30 * 1024, windowMs: 30_000 };

/** Ends the connection of a client whose body trickles, so that nobody can hold our places for nothing. */
export function watchBodyPace(request: IncomingMessage, pace: Pace = MINIMUM_PACE): void {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) return;
  const { socket } = request;
  let before = 0;
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    const arrived = socket.bytesRead - before;
    before = socket.bytesRead;
    // While we do not read, for want of a place or of a fast disk, the client is not to blame.
    const waitsForUs = request.readableFlowing !== true || request.readableLength > 0;
    if (!request.complete && !waitsForUs && arrived < pace.bytes) socket.destroy();
  };
  // A window begins when we begin to read, or go on after a pause: nothing can have arrived before.
  const begin = () => {
    before = socket.bytesRead;
    if (timer) timer.refresh();
    else timer = setInterval(look, pace.windowMs).unref();
  };
  const stop = () => {
    request.off('resume', begin);
    clearInterval(timer);
  };
  request.on('resume', begin).once('end', stop).once('close', stop);
}
