import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ContractError } from '@app/contract';
import type { Incoming } from '../incoming/incoming.js';

/** Milliseconds for which whoever comes second waits for the first. */
const PATIENCE = 2_000;

/** Milliseconds between attempts to have a name that another server's upload holds. */
const ASK_EVERY = 100;

/** An upload that has claimed its name. */
export interface Holder {
  readonly request: IncomingMessage;
  readonly abort: AbortController;
}

/** A name that an upload wants. */
export interface WantedName<Opened> {
  /** As it is compared, with its owner. */
  readonly key: () => string;
  /** Claims it. @throws ContractError nameTaken */
  readonly open: () => Promise<Opened>;
  /** Whether nobody has it, for the moment. */
  readonly isFree: () => Promise<boolean>;
  /** Whether an upload at another server holds it. */
  readonly isElsewhere: () => Promise<boolean>;
}

interface Held extends Holder {
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/**
 * Who holds which name while its bytes come in. A telephone that leaves its network in the middle of an upload tries again at
 * once, and nobody has told the server that the first connection is dead: its upload would hold the name for a minute.
 */
export class UploadHolders {
  private readonly held = new Map<string, Held>();

  /**
   * Opens an upload that claims a name. While another one of the same owner holds it, waits for that one's end, and ends it
   * when it was silent all the time with its body unfinished. One of another server is only waited for: that server sees
   * its client go.
   * @throws ContractError nameTaken, where the other one is alive or has become a file; whatever `open` throws
   */
  async claim<Opened extends Pick<Incoming, 'holdsName'>>(holder: Holder, name: WantedName<Opened>): Promise<Opened> {
    for (const deadline = Date.now() + PATIENCE; ;) {
      try {
        const opened = await name.open();
        if (opened.holdsName) this.held.set(name.key(), held(holder));
        return opened;
      } catch (error) {
        if (!isNameTaken(error)) throw error;
        const other = this.held.get(name.key());
        if (!(await (other ? outlast(other, deadline) : outlastUnseen(name, deadline)))) throw error;
        holder.abort.signal.throwIfAborted();
      }
    }
  }

  /** Says that an upload has ended: as a file, or without a trace. */
  release({ request }: Holder): void {
    for (const [key, { request: own, end }] of this.held) {
      if (own !== request) continue;
      this.held.delete(key);
      end();
    }
  }
}

function held(holder: Holder): Held {
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  return { ...holder, ended, end };
}

/** Waits for an upload's end, or ends it. @returns whether its name may be free by now */
async function outlast({ request, abort, ended }: Held, deadline: number): Promise<boolean> {
  const left = deadline - Date.now();
  if (left <= 0) return false;
  const before = request.socket.bytesRead;
  if (await Promise.race([ended.then(() => true), delay(left, false, { ref: false })])) return true;
  // While we do not read, for want of a fast disk, the client is not to blame; nor is one whose body is whole.
  const waitsForUs = request.readableFlowing !== true || request.readableLength > 0;
  if (request.complete || waitsForUs || request.socket.bytesRead > before) return false;
  abort.abort(new ContractError('nameTaken'));
  await ended;
  return true;
}

/** Whoever had the name may have ended since it was refused, or be at another server. @returns whether it may be free by now */
async function outlastUnseen({ isFree, isElsewhere }: WantedName<unknown>, deadline: number): Promise<boolean> {
  if (Date.now() >= deadline) return false;
  if (await isFree()) return true;
  if (!(await isElsewhere())) return false;
  await delay(ASK_EVERY, undefined, { ref: false });
  return true;
}

function isNameTaken(error: unknown): boolean {
  return error instanceof ContractError && error.errorName === 'nameTaken';
}
