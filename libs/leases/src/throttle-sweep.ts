import type { UnitOfWork } from '@app/database';
import { Logger } from '@nestjs/common';
import { NOW } from './database-clock.js';

/** Milliseconds between two sweeps of a server. */
const EVERY_MS = 600_000;
/** Rows of a statement: a storm may leave very many. */
const PIECE = 1000;
const SWEEP = `DELETE FROM throttles WHERE expiresAt <= ${NOW} LIMIT ${PIECE}`;

/** Removes the rows of windows that are over. */
export class ThrottleSweep {
  private readonly logger = new Logger('Throttles');
  private sweptAt = -Infinity;

  constructor(private readonly units: UnitOfWork) {}

  async run(): Promise<void> {
    while ((await this.units.run((unit) => unit.change(SWEEP, []))) === PIECE);
  }

  /** Beside what makes rows, from time to time; nobody waits for it. */
  nowAndThen(): void {
    if (performance.now() - this.sweptAt < EVERY_MS) return;
    this.sweptAt = performance.now();
    this.run().catch((error: unknown) => {
      this.logger.warn({ event: 'throttles-not-swept', error: String(error) });
    });
  }
}
