import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import { BIGINT, TIME } from './columns.js';

/** How often somebody has tried something in a window of time, where servers count that together. Its moments are by the clock of the database. */
@Entity('throttles')
export class Throttle {
  /** HMAC of the limit and of whom it counts, in hex: no names and no addresses are kept. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_throttles' })
  subject: string;

  @Column(BIGINT)
  points: number;

  /** The end of the window. */
  @Index('ix_throttles_expiry')
  @Column(TIME)
  expiresAt: number;
}
