import { Column, Entity, PrimaryColumn } from 'typeorm';
import { TIME } from './columns.js';

/**
 * What the drive knows of itself, by name: what an admin has told the servers that run (maintenance, pardons), and when it
 * was last checked and backed up.
 */
@Entity('marks')
export class Mark {
  @PrimaryColumn({ type: 'varchar', length: 96, primaryKeyConstraintName: 'pk_marks' })
  name: string;

  /** JSON. */
  @Column({ type: 'text' })
  value: string;

  @Column(TIME)
  changedAt: number;
}
