import { type Unit, UnitOfWork } from '@app/database';
import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import type { CountedRefusal } from './access-policy.js';

/** Milliseconds for which counts are gathered before they are written. */
const INTERVAL_MS = 1_000;
/** Accesses that are counted at a time; further ones have to wait for the next write. Bounds the memory. */
const MAX_ACCESSES = 10_000;
/** Accesses that are written side by side: on SQLite in one transaction. */
const BATCH = 8;
/** What the column of uses can hold. */
const MAX_USES = 2147483647;

/** Only while uses are not limited: where they are, each one is taken by itself, and an owner may just have set a limit. */
const ADD_USES = `
  UPDATE accesses SET lastUsedAt = ?, uses = CASE WHEN uses > ? THEN ? ELSE uses + ? END
  WHERE id = ? AND oneTimeUse = 0 AND enableTTL = 0`;

type Refusals = Partial<Record<CountedRefusal, number>>;

interface Counts {
  uses: number;
  /** Milliseconds since 1970. */
  lastUsedAt: number;
  refusals: Refusals;
}

/**
 * Counts what need not be exact at every moment, the uses of unlimited links and the refusals, and writes it in batches:
 * one write a second for an access, however often it is asked for. Only numbers are kept, nothing about who asked.
 * A crash loses the last second.
 */
@Injectable()
export class LinkTally implements BeforeApplicationShutdown {
  private readonly logger = new Logger(LinkTally.name);
  private readonly pending = new Map<number, Counts>();
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(private readonly units: UnitOfWork) {}

  noteUse(accessId: number): void {
    this.note(accessId, { uses: 1, lastUsedAt: Date.now(), refusals: {} });
  }

  noteRefusal(accessId: number, by: CountedRefusal): void {
    this.note(accessId, { uses: 0, lastUsedAt: 0, refusals: { [by]: 1 } });
  }

  /**
   * Writes what is counted for these accesses, so that whoever reads them next sees everything up to now.
   * @returns whether there was something to write
   */
  async settle(accessIds: number[]): Promise<boolean> {
    const waited = this.writing !== undefined;
    await this.writing;
    const taken = accessIds.filter((id) => this.pending.has(id));
    if (taken.length > 0) await this.write(taken);
    return waited || taken.length > 0;
  }

  /** Requests may still be under way: from now on what they count is written at once, before the database is closed. */
  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.flush();
  }

  private note(accessId: number, counts: Counts): void {
    const before = this.pending.get(accessId);
    if (!before && this.pending.size >= MAX_ACCESSES) return;
    this.pending.set(accessId, before ? sum(before, counts) : counts);
    if (this.closing) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), INTERVAL_MS).unref();
  }

  private flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    return this.write([...this.pending.keys()]);
  }

  /** One write after the other, so that whoever has waited for the last one has waited for all. */
  private write(accessIds: number[]): Promise<void> {
    const writing = (this.writing ?? Promise.resolve())
      .then(() => this.writeAll(accessIds))
      .finally(() => {
        if (this.writing === writing) this.writing = undefined;
      });
    this.writing = writing;
    return writing;
  }

  /** What cannot be written waits for the next time: no request fails for the sake of a count. */
  private async writeAll(accessIds: number[]): Promise<void> {
    try {
      for (let from = 0; from < accessIds.length; from += BATCH) {
        await Promise.all(accessIds.slice(from, from + BATCH).map((id) => this.writeOne(id)));
      }
    } catch (error) {
      this.logger.warn({ event: 'link-counts-not-written', error: (error as Error).message });
    }
  }

  private async writeOne(accessId: number): Promise<void> {
    const counts = this.pending.get(accessId);
    if (!counts) return;
    this.pending.delete(accessId);
    try {
      await this.units.run((unit) => add(unit, accessId, counts));
    } catch (error) {
      if (!this.closing) this.note(accessId, counts);
      throw error;
    }
  }
}

async function add(unit: Unit, accessId: number, { uses, lastUsedAt, refusals }: Counts): Promise<void> {
  if (uses > 0) await unit.change(ADD_USES, [lastUsedAt, MAX_USES - uses, MAX_USES, uses, accessId]);
  if (Object.keys(refusals).length === 0) return;
  const sql = `SELECT refusals FROM accesses WHERE id = ?${unit.forUpdate}`;
  const [row] = await unit.rows<{ refusals: string }>(sql, [accessId]);
  if (!row) return;
  const total = JSON.stringify(sumOf(JSON.parse(row.refusals) as Refusals, refusals));
  await unit.change('UPDATE accesses SET refusals = ? WHERE id = ?', [total, accessId]);
}

function sum(one: Counts, other: Counts): Counts {
  return {
    uses: one.uses + other.uses,
    lastUsedAt: Math.max(one.lastUsedAt, other.lastUsedAt),
    refusals: sumOf(one.refusals, other.refusals),
  };
}

function sumOf(one: Refusals, other: Refusals): Refusals {
  const total = { ...one };
  for (const [by, count] of Object.entries(other) as [CountedRefusal, number][]) total[by] = (total[by] ?? 0) + count;
  return total;
}
