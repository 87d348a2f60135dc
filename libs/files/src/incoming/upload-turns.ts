import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { Injectable } from '@nestjs/common';
import { slowest, type Timed } from './pace.js';

/** Milliseconds for which nobody waits longer without an answer. */
const LONGEST_WAIT = 30_000;
/** Milliseconds between looks while somebody waits. */
const LOOK_EVERY = 250;
/** Bytes a second that are asked for when somebody has just begun to wait; doubled with each second, up to the last. */
const FIRST_PACE = 4 * 1024;
const LAST_PACE = 64 * 1024;
/** Seconds after which who has lost his place, or got none, may try again. */
const RETRY_AFTER = 5;

/** An upload that takes a place. */
export interface Uploader {
  readonly ownerId: number;
  /** Bytes that have come so far. */
  readonly taken: () => number;
  /** Aborted when it has ended, or is to. */
  readonly signal: AbortSignal;
  /** Ends it, also while it waits. */
  readonly end: (reason: ContractError) => void;
}

interface Waiter {
  readonly uploader: Uploader;
  readonly since: number;
  readonly start: (timed: Timed) => void;
  readonly refuse: (reason: unknown) => void;
}

/**
 * How many uploads may be under way at once; the others wait, in the order of asking. One owner gets half at most. While
 * somebody waits the pace that is asked for rises, and the slowest below it gives way: else whoever sends a byte now and
 * then would keep everybody out.
 */
@Injectable()
export class UploadTurns {
  private readonly places: number;
  private readonly share: number;
  private readonly running = new Set<Timed>();
  private readonly waiting: Waiter[] = [];
  private timer: NodeJS.Timeout | undefined;
  private idler: () => void = () => undefined;

  constructor({ uploadsInFlight }: AppConfig) {
    this.places = uploadsInFlight;
    this.share = Math.ceil(uploadsInFlight / 2);
  }

  /** @throws ContractError unavailable for who has waited for too long */
  async take<Result>(uploader: Uploader, work: () => Promise<Result>): Promise<Result> {
    const timed = this.hasPlace(uploader.ownerId) ? this.enter(uploader) : await this.wait(uploader);
    try {
      return await work();
    } finally {
      this.running.delete(timed);
      this.next();
    }
  }

  /** The owners of all uploads, also of those that wait. */
  owners(): Set<number> {
    return new Set(this.uploaders().map(({ ownerId }) => ownerId));
  }

  /** Ends all uploads of an owner. */
  endOf(ownerId: number, reason: ContractError): void {
    for (const uploader of this.uploaders()) if (uploader.ownerId === ownerId) uploader.end(reason);
  }

  /** Resolves when nothing is under way and nobody waits. */
  async idle(): Promise<void> {
    while (this.running.size + this.waiting.length > 0) await new Promise<void>((resolve) => (this.idler = resolve));
  }

  private uploaders(): Uploader[] {
    return [...this.running, ...this.waiting].map(({ uploader }) => uploader);
  }

  private hasPlace(ownerId: number): boolean {
    return this.running.size < this.places && this.countOf(ownerId) < this.share;
  }

  private countOf(ownerId: number): number {
    let count = 0;
    for (const { uploader } of this.running) if (uploader.ownerId === ownerId) count += 1;
    return count;
  }

  private enter(uploader: Uploader): Timed {
    const timed = { uploader, samples: [{ at: performance.now(), taken: uploader.taken() }] };
    this.running.add(timed);
    return timed;
  }

  private wait(uploader: Uploader): Promise<Timed> {
    this.timer ??= setInterval(this.look, LOOK_EVERY).unref();
    return new Promise((start, refuse) => this.waiting.push({ uploader, since: performance.now(), start, refuse }));
  }

  /** Gives the place that has become free to the first who may have it. */
  private next(): void {
    const index = this.waiting.findIndex(({ uploader }) => this.hasPlace(uploader.ownerId));
    if (index >= 0) {
      const [{ uploader, start }] = this.waiting.splice(index, 1) as [Waiter];
      start(this.enter(uploader));
    }
    if (this.waiting.length === 0) {
      clearInterval(this.timer);
      this.timer = undefined;
    }
    this.idler();
  }

  private readonly look = (): void => {
    const now = performance.now();
    for (const waiter of [...this.waiting]) {
      const { signal } = waiter.uploader;
      if (signal.aborted) this.giveUp(waiter, signal.reason);
      else if (now - waiter.since >= LONGEST_WAIT) this.giveUp(waiter, noPlace());
    }
    this.makeRoom(now);
  };

  private makeRoom(now: number): void {
    // Who is being ended has his place until that is done: nobody else need go for the same waiter.
    let ending = [...this.running].filter(({ uploader }) => uploader.signal.aborted).length;
    const candidates = new Set([...this.running].filter(({ uploader }) => !uploader.signal.aborted));
    for (const { uploader, since } of this.waiting) {
      if (ending-- > 0) continue;
      // Who has all of his own share can only have a place of his own.
      const own = this.countOf(uploader.ownerId) >= this.share;
      const among = [...candidates].filter((timed) => !own || timed.uploader.ownerId === uploader.ownerId);
      const pace = Math.min(LAST_PACE, FIRST_PACE * 2 ** ((now - since) / 1000));
      const victim = slowest(among, pace, now);
      if (!victim) continue;
      candidates.delete(victim);
      victim.uploader.end(noPlace());
    }
  }

  private giveUp(waiter: Waiter, reason: unknown): void {
    this.waiting.splice(this.waiting.indexOf(waiter), 1);
    waiter.refuse(reason);
    this.idler();
  }
}

function noPlace(): ContractError {
  return new ContractError('unavailable', { retryAfter: RETRY_AFTER, headers: { connection: 'close' } });
}
