import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { Access } from './access.entity.js';
import { TIME } from './columns.js';

/**
 * A use of a link that its holder may spread over many requests: whoever has the secret gets the bytes until it expires.
 * It goes with its access, by the database's own cascade.
 */
@Entity('tickets')
export class Ticket {
  /** SHA-256 of the secret, in hex: a stolen database opens nothing. */
  @PrimaryColumn({ type: 'varchar', length: 64, primaryKeyConstraintName: 'pk_tickets' })
  secretHash: string;

  @Index('ix_tickets_access')
  @Column({ type: 'integer' })
  accessId: number;

  @ManyToOne(() => Access, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'accessId', foreignKeyConstraintName: 'fk_tickets_access' })
  access: Relation<Access>;

  @Index('ix_tickets_expiry')
  @Column(TIME)
  expiresAt: number;
}
