import { createHash, randomBytes } from 'node:crypto';
import { AppConfig } from '@app/config';
import { type Access, isForeignKeyViolation, type Unit, UnitOfWork } from '@app/database';
import { networkOf, type RateLimit, Throttles } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isCounted } from './access-policy.js';
import { LinkTally } from './link-tally.js';
import { takeUse } from './link-uses.js';

/** Bytes: 128 bits cannot be guessed. */
const SECRET_BYTES = 16;
const SECRET = /^[0-9a-f]{32}$/;
/** Milliseconds for which a ticket is good. */
const LIFE_MS = 24 * 3_600_000;
/** Milliseconds between two looks for expired ones. */
const PRUNE_MS = 3_600_000;
/** Tickets of links without a limit that a network gets, for each guess at a link that it may make. */
const PER_GUESS = 10;

const INSERT = 'INSERT INTO tickets (secretHash, accessId, expiresAt) VALUES (?, ?, ?)';
const IS_GOOD = 'SELECT 1 FROM tickets WHERE secretHash = ? AND accessId = ? AND expiresAt > ?';
const IS_THERE = 'SELECT 1 FROM tickets WHERE secretHash = ?';

/** A use of a link that its holder may spread over many requests. */
export interface NewTicket {
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Gives tickets out and knows them again. Only their hashes are kept. */
@Injectable()
export class TicketsService {
  private readonly logger = new Logger(TicketsService.name);
  private readonly unlimited: RateLimit;
  private prunedAt = 0;

  constructor(
    { linkLimit }: AppConfig,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly tally: LinkTally,
    throttles: Throttles,
  ) {
    this.unlimited = throttles.limit('ticket', { ...linkLimit, points: linkLimit.points * PER_GUESS });
  }

  /**
   * Takes one use and gives a ticket for it, both or neither. A link whose uses are not counted would let a stranger fill
   * the table, so there a network gets only so many.
   * @param access as it was judged
   * @returns none when there was no use left, or the access has changed or gone since it was judged
   * @throws ContractError tooManyRequests
   */
  async take(access: Access, address: string): Promise<NewTicket | undefined> {
    const counted = isCounted(access);
    if (!counted) await this.unlimited.take(networkOf(address));
    const ticket = { secret: randomBytes(SECRET_BYTES).toString('hex'), expiresAt: Date.now() + LIFE_MS };
    if (!(await this.write(access, ticket))) return undefined;
    if (!counted) this.tally.noteUse(access.id);
    this.logger.log({ event: 'link-used', accessId: access.id, fileId: access.fileId });
    void this.prune();
    return ticket;
  }

  /** Whether this is a ticket of this access that has not expired. */
  async isGood({ id }: Access, secret: unknown): Promise<boolean> {
    if (typeof secret !== 'string' || !SECRET.test(secret)) return false;
    return (await this.dataSource.query<unknown[]>(IS_GOOD, [hashOf(secret), id, Date.now()])).length > 0;
  }

  private async write(access: Access, { secret, expiresAt }: NewTicket): Promise<boolean> {
    const secretHash = hashOf(secret);
    try {
      return await this.units.run(
        async (unit) => {
          if (isCounted(access) && !(await takeUse(unit, access))) return false;
          await unit.change(INSERT, [secretHash, access.id, expiresAt]);
          return true;
        },
        (unit, taken) => isThere(unit, secretHash).then((there) => there === taken),
      );
    } catch (error) {
      // An access without a limit is not locked, and may have been deleted meanwhile.
      if (isForeignKeyViolation(error)) return false;
      throw error;
    }
  }

  /** Beside a new ticket, from time to time; nobody waits for it. */
  private async prune(): Promise<void> {
    const now = Date.now();
    if (now - this.prunedAt < PRUNE_MS) return;
    this.prunedAt = now;
    try {
      await this.units.run((unit) => unit.change('DELETE FROM tickets WHERE expiresAt <= ?', [now]));
    } catch (error) {
      this.logger.warn({ event: 'tickets-not-pruned', error: (error as Error).message });
    }
  }
}

function hashOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

async function isThere(unit: Unit, secretHash: string): Promise<boolean> {
  return (await unit.rows(`${IS_THERE}${unit.forUpdate}`, [secretHash])).length > 0;
}
