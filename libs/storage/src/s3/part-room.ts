/** Bytes of parts that are being filled, of all uploads together, before further ones wait. */
const ROOM = 16 * 1024 * 1024;
/** How long, in milliseconds. */
const TIMES = {
  /** A part counts: what comes in slowly must not keep out what comes in fast. */
  held: 1_000,
  /** Anybody waits. */
  waited: 2_000,
};

/** Room for a part that is being filled. */
export interface PartPlace {
  /** Resolves when it is there; nothing where it is at once. */
  readonly wait: Promise<void> | undefined;
  /** Gives it back, or waits no longer. */
  leave(): void;
}

/**
 * How much memory the parts of uploads take together while they are filled. More of them at once would be sent no sooner, and
 * sixteen fast uploads would hold sixteen whole parts at a time. In the order of asking.
 */
export class PartRoom {
  private taken = 0;
  private readonly waiting = new Set<Asker>();

  constructor(
    private readonly room = ROOM,
    private readonly times = TIMES,
  ) {}

  take(bytes: number): PartPlace {
    const asker = new Asker(bytes, () => this.gone(asker));
    if (this.waiting.size === 0 && this.fits(bytes)) {
      this.enter(asker);
      return asker;
    }
    this.waiting.add(asker);
    asker.waitFor(this.times.waited, () => this.enter(asker));
    return asker;
  }

  private enter(asker: Asker): void {
    this.waiting.delete(asker);
    this.taken += asker.bytes;
    asker.enter(this.times.held);
  }

  private gone(asker: Asker): void {
    if (!this.waiting.delete(asker)) this.taken -= asker.bytes;
    for (const next of this.waiting) {
      if (!this.fits(next.bytes)) return;
      this.enter(next);
    }
  }

  /** What is larger than all of the room has it alone. */
  private fits(bytes: number): boolean {
    return this.taken === 0 || this.taken + bytes <= this.room;
  }
}

class Asker implements PartPlace {
  wait: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private resolve = (): void => undefined;
  private hasLeft = false;

  constructor(
    readonly bytes: number,
    private readonly gone: () => void,
  ) {}

  waitFor(longest: number, enter: () => void): void {
    this.wait = new Promise((resolve) => (this.resolve = resolve));
    this.timer = setTimeout(enter, longest);
  }

  /** @param held milliseconds for which it counts */
  enter(held: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.leave(), held).unref();
    this.resolve();
  }

  leave(): void {
    if (this.hasLeft) return;
    this.hasLeft = true;
    clearTimeout(this.timer);
    this.resolve();
    this.gone();
  }
}
