import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { TIME } from './columns.js';
import { User } from './user.entity.js';

/**
 * The Idempotency-Key of a request that was carried out: written in the transaction that did the work, so that both are
 * there or neither.
 */
@Entity('requestKeys')
@Index('ix_request_keys_created', ['createdAt'])
export class RequestKey {
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'pk_request_keys' })
  ownerId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'ownerId', foreignKeyConstraintName: 'fk_request_keys_owner' })
  owner: Relation<User>;

  /** As the client has chosen it. */
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_request_keys' })
  requestKey: string;

  /** HMAC in hex of what the request asked for. */
  @Column({ type: 'varchar', length: 64 })
  fingerprint: string;

  /** JSON of what the answer is made from again. No names, no links, no secrets: ids and the names of errors. */
  @Column({ type: 'text' })
  answer: string;

  @Column(TIME)
  createdAt: number;
}
