import PQueue from 'p-queue';
import { BufferPool } from '../buffer-pool.js';
import type { PartBuffer } from './part-buffer.js';
import { partSize } from './part-sizes.js';

/** Parts that are on their way at once, of all uploads together: what they take is all the memory that sending needs. */
const SLOTS = 4;

const queue = new PQueue({ concurrency: SLOTS });
const bodies = new BufferPool(partSize(1), SLOTS);

/**
 * Sends a part when its turn has come.
 * @param send of whose end it is known that nobody reads the bytes any more, unless it fails
 * @returns once it is being sent, and its slices are free for the next part; then `sent` says what became of it
 */
export function sendPart<Sent>(
  part: PartBuffer,
  send: (body: Buffer) => Promise<Sent>,
): Promise<{ sent: Promise<Sent> }> {
  return new Promise((begun, fail) => {
    const work = () => {
      const sent = within(part, send);
      begun({ sent });
      return sent.then(ignore, ignore);
    };
    queue.add(work).catch(fail);
  });
}

async function within<Sent>(part: PartBuffer, send: (body: Buffer) => Promise<Sent>): Promise<Sent> {
  const pooled = part.length <= bodies.size;
  const buffer = pooled ? bodies.take() : Buffer.allocUnsafeSlow(part.length);
  const body = part.copyTo(buffer);
  part.release();
  const sent = await send(body);
  // After a failure the client may still be writing it.
  if (pooled) bodies.giveBack(buffer);
  return sent;
}

const ignore = (): undefined => undefined;
