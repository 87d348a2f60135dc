/** Bytes of parts that are being filled, of all uploads together, before further ones wait. */
const ROOM = 16 * 1024 * 1024;
/** Milliseconds for which nobody waits longer: what is held by slow clients must not keep the others out. */
const LONGEST_WAIT = 1_000;

/** Room for a part that is being filled. */
export interface PartPlace {
  /** Resolves when it is there; nothing where it is at once. */
  readonly wait: Promise<void> | undefined;
  /** Gives it back, or waits no longer. */
  leave(): void;
}

interface Waiter {
  readonly bytes: number;
  readonly enter: () => void;
}

/**
 * How much memory the parts of uploads take together while they are filled. More of them at once would be sent no sooner, and
 * sixteen fast uploads would hold sixteen whole parts at a time. In the order of asking.
 */
export class PartRoom {
  private taken = 0;
  private readonly waiting = new Set<Waiter>();

  constructor(
    private readonly room = ROOM,
    private readonly longestWait = LONGEST_WAIT,
  ) {}

  take(bytes: number): PartPlace {
    if (this.waiting.size === 0 && this.fits(bytes)) {
      this.taken += bytes;
      return { wait: undefined, leave: () => this.giveBack(bytes) };
    }
    return this.waitFor(bytes);
  }

  private waitFor(bytes: number): PartPlace {
    let leave = (): void => undefined;
    const wait = new Promise<void>((resolve) => {
      const enter = () => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
        this.taken += bytes;
        leave = () => this.giveBack(bytes);
        resolve();
      };
      const waiter = { bytes, enter };
      const timer = setTimeout(enter, this.longestWait);
      this.waiting.add(waiter);
      leave = () => {
        clearTimeout(timer);
        this.waiting.delete(waiter);
        resolve();
        this.next();
      };
    });
    return { wait, leave: () => leave() };
  }

  /** What is larger than all of the room has it alone. */
  private fits(bytes: number): boolean {
    return this.taken === 0 || this.taken + bytes <= this.room;
  }

  private giveBack(bytes: number): void {
    this.taken -= bytes;
    this.next();
  }

  private next(): void {
    for (const { bytes, enter } of this.waiting) {
      if (!this.fits(bytes)) return;
      enter();
    }
  }
}
