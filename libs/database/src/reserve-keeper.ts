import { setTimeout as delay } from 'node:timers/promises';
import type { DiskReserve } from '@app/data-directory';
import { Logger } from '@nestjs/common';

/** Milliseconds for which a reserve that was given up is left to those that need it. */
const PAUSE_MS = 1_000;

/** Makes the reserve again, after it was given up, as soon as there is room for it. */
export class ReserveKeeper {
  private readonly logger = new Logger(ReserveKeeper.name);
  private restoring: Promise<void> | undefined;
  private givenUp = false;
  private closed = false;

  /** @param makeRoom gives back to the disk what the database does not need */
  constructor(
    private readonly reserve: DiskReserve,
    private readonly makeRoom: () => void,
  ) {}

  /** @returns whether there is room now that was not there before */
  giveUp(): boolean {
    const had = this.reserve.giveUp();
    if (had) {
      this.givenUp = true;
      this.logger.warn({ event: 'disk-full', error: 'The reserve is given up for a delete' });
    }
    // Others, which met the full disk at the same time, have a right to it as well.
    const available = had || this.givenUp;
    if (available) this.keep();
    return available;
  }

  keep(): void {
    this.restoring ??= this.restore().finally(() => (this.restoring = undefined));
  }

  /** To be called when the database is closed. */
  close(): void {
    this.closed = true;
    if (this.givenUp) this.attempt();
  }

  private async restore(): Promise<void> {
    do await delay(PAUSE_MS, undefined, { ref: false });
    while (!this.closed && !this.attempt());
  }

  /** @returns whether there is nothing more to do */
  private attempt(): boolean {
    try {
      if (this.givenUp) this.makeRoom();
      if (!this.reserve.restore()) return false;
      this.givenUp = false;
    } catch (error) {
      this.logger.warn({ event: 'reserve-not-kept', error: String(error) });
    }
    return true;
  }
}
