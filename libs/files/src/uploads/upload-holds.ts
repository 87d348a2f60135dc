import { setTimeout as delay } from 'node:timers/promises';
import { ContractError } from '@app/contract';
import { Injectable, Logger } from '@nestjs/common';
import { UploadWriters } from './upload-writers.js';

/** Milliseconds for which a newcomer waits for the request that has the upload. */
const PATIENCE_MS = 2_000;

/** A request that has an upload for itself, until it releases it. */
export class Hold {
  private readonly controller = new AbortController();
  private heardAt = performance.now();
  private receiving = false;
  /** Bytes that came so far. */
  taken = 0;
  readonly released: Promise<void>;
  private resolve: () => void;

  constructor(private readonly onRelease: () => Promise<void>) {
    this.released = new Promise((resolve) => (this.resolve = resolve));
  }

  /** Lets the next one have it. */
  async release(): Promise<void> {
    await this.onRelease();
    this.resolve();
  }

  /** Aborted when the request has to make way. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Says that so many bytes came. Only a request that waits for bytes can have stalled. */
  heard(bytes: number): void {
    this.taken += bytes;
    this.heardAt = performance.now();
    this.receiving = true;
  }

  /** Says that all bytes are there: from now on it waits for nothing but us. */
  heardAll(): void {
    this.receiving = false;
  }

  hasStalledSince(moment: number): boolean {
    return this.receiving && this.heardAt <= moment;
  }

  makeWay(reason: ContractError): void {
    this.controller.abort(reason);
  }
}

/** One request at a time for each upload, at whichever server. A client that comes back may find its own dead connection there. */
@Injectable()
export class UploadHolds {
  private readonly logger = new Logger(UploadHolds.name);
  private readonly holds = new Map<string, Hold>();

  constructor(private readonly writers: UploadWriters) {}

  /**
   * Takes an upload. A request that has it and has stalled all the time that we wait has to make way; what it took is kept.
   * @throws ContractError uploadLocked when another request works on it
   */
  async take(uploadId: string): Promise<Hold> {
    const began = performance.now();
    for (;;) {
      const other = this.holds.get(uploadId);
      if (!other) return this.hold(uploadId, () => this.writers.take(uploadId, began + PATIENCE_MS));
      const left = began + PATIENCE_MS - performance.now();
      if (left > 0) await Promise.race([other.released, delay(left, undefined, { ref: false })]);
      else if (other.hasStalledSince(began)) await this.evict(other, new ContractError('uploadLocked'));
      else throw new ContractError('uploadLocked', { retryAfter: 1 });
    }
  }

  /** Takes an upload at once, from whoever has it. */
  async seize(uploadId: string, reason: ContractError): Promise<Hold> {
    for (let other = this.holds.get(uploadId); other; other = this.holds.get(uploadId)) await this.evict(other, reason);
    return this.hold(uploadId, () => this.writers.seize(uploadId));
  }

  async isHeld(uploadId: string): Promise<boolean> {
    return this.holds.has(uploadId) || this.writers.isElsewhere(uploadId);
  }

  /** Gives back what could not be given back in its time. */
  async giveBackLost(): Promise<void> {
    for (const uploadId of await this.writers.had())
      if (!this.holds.has(uploadId)) await this.writers.giveBack(uploadId);
  }

  /** Lets requests make way that have stalled, where their client has come back at another server. */
  async makeWayForOthers(): Promise<void> {
    for (const uploadId of await this.writers.wanted([...this.holds.keys()])) {
      const hold = this.holds.get(uploadId);
      if (hold?.hasStalledSince(performance.now() - PATIENCE_MS)) hold.makeWay(new ContractError('uploadLocked'));
    }
  }

  /** Everybody has to make way. Resolves when nothing is held. */
  async clear(reason: ContractError): Promise<void> {
    await Promise.all([...this.holds.values()].map((hold) => this.evict(hold, reason)));
  }

  /** First among the requests of this server, then among the servers. */
  private async hold(uploadId: string, take: () => Promise<void>): Promise<Hold> {
    const hold = new Hold(() => this.letGo(uploadId));
    this.holds.set(uploadId, hold);
    try {
      await take();
      return hold;
    } catch (error) {
      await hold.release();
      throw error;
    }
  }

  private async letGo(uploadId: string): Promise<void> {
    try {
      await this.writers.giveBack(uploadId);
    } catch (error) {
      this.logger.warn({ event: 'upload-not-given-back', uploadId, error: String(error) });
    } finally {
      this.holds.delete(uploadId);
    }
  }

  private async evict(hold: Hold, reason: ContractError): Promise<void> {
    hold.makeWay(reason);
    await hold.released;
  }
}
