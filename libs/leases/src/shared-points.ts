import type { Rate } from '@app/config';
import type { UnitOfWork } from '@app/database';
import type { Points } from '@app/http';
import { Logger } from '@nestjs/common';
import { NOW } from './database-clock.js';
import type { ThrottleSweep } from './throttle-sweep.js';

const HOW_IT_IS = `SELECT points, expiresAt - ${NOW} AS waitMs FROM throttles WHERE subject = ?`;
/** A row without a point, whoever makes it first. */
const PREPARE =
  'INSERT INTO throttles (subject, points, expiresAt) VALUES (?, 0, 0) ON DUPLICATE KEY UPDATE points = points';

/** Points in the database, which all servers of a drive take from, by its clock. */
export class SharedPoints implements Points {
  private readonly logger = new Logger('Throttles');
  private readonly statements: ReturnType<typeof statementsFor>;

  /** @param subjectOf what stands in the database for a key */
  constructor(
    private readonly units: UnitOfWork,
    private readonly sweep: ThrottleSweep,
    private readonly subjectOf: (key: string) => string,
    private readonly rate: Rate,
  ) {
    this.statements = statementsFor(rate);
  }

  /** A database that does not answer lets nobody in: its error is the caller's. */
  async take(key: string): Promise<number | undefined> {
    this.sweep.nowAndThen();
    const subject = this.subjectOf(key);
    // Nearly always: one statement, and no more ways to the database.
    if ((await this.units.change(this.statements.take, [subject])) === 1) return undefined;
    return this.takeOrRefuse(subject);
  }

  async taken(key: string): Promise<number> {
    const find = (subject: string) =>
      this.units.run((unit) => unit.rows<{ points: number }>(this.statements.taken, [subject]));
    return Number((await find(this.subjectOf(key)))[0]?.points ?? 0);
  }

  async giveBack(key: string): Promise<void> {
    try {
      await this.units.change(this.statements.giveBack, [this.subjectOf(key)]);
    } catch (error) {
      this.logger.warn({ event: 'point-not-given-back', error: String(error) });
    }
  }

  private takeOrRefuse(subject: string): Promise<number | undefined> {
    return this.units.run(async (unit) => {
      for (;;) {
        if ((await unit.change(this.statements.take, [subject])) === 1) return undefined;
        // Locked, so that what another server does to it is seen, and the next try is on the row as it was read.
        const sql = HOW_IT_IS + unit.forUpdate;
        const [row] = await unit.rows<{ points: number; waitMs: number }>(sql, [subject]);
        // Else the window has ended just now, or a point has come back.
        if (row && Number(row.waitMs) > 0 && Number(row.points) >= this.rate.points) return Number(row.waitMs);
        if (!row) await unit.change(PREPARE, [subject]);
      }
    });
  }
}

function statementsFor({ points, windowMs }: Rate) {
  // Nobody is locked out by a window that began before the clock was set back, or when windows were longer. Two of them: the
  // clocks of a cluster's nodes differ.
  const isOver = `(expiresAt <= ${NOW} OR expiresAt > ${NOW} + ${2 * windowMs})`;
  return {
    // Set from left to right: with the first point the window begins.
    take: `
      UPDATE throttles SET points = IF(${isOver}, 1, points + 1), expiresAt = IF(points = 1, ${NOW} + ${windowMs}, expiresAt)
      WHERE subject = ? AND (points < ${points} OR ${isOver})`,
    taken: `SELECT points FROM throttles WHERE subject = ? AND NOT ${isOver}`,
    giveBack: `UPDATE throttles SET points = points - 1 WHERE subject = ? AND points > 0 AND NOT ${isOver}`,
  };
}
