import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { TIME, UUID } from './columns.js';
import { User } from './user.entity.js';

/** One log-in. Its id is the token's `jti`, or a browser knows its secret; a token or cookie without its session is dead. */
@Entity('sessions')
@Index('ix_sessions_expiry', ['userId', 'expiresAt'])
export class Session {
  @PrimaryColumn({ ...UUID, primaryKeyConstraintName: 'pk_sessions' })
  id: string;

  @Column({ type: 'integer' })
  userId: number;

  @ManyToOne(() => User, (user) => user.sessions, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'userId', foreignKeyConstraintName: 'fk_sessions_user' })
  user: Relation<User>;

  /** SHA-256 in hex of the secret in a browser's cookie; none for a session that a token stands for. */
  @Index('uq_sessions_secret', { unique: true })
  @Column({ type: 'varchar', length: 64, nullable: true })
  secretHash: string | null;

  @Column(TIME)
  createdAt: number;

  @Column(TIME)
  expiresAt: number;

  @Column(TIME)
  lastSeenAt: number;

  /** When its user last proved at the identity provider who he is, by logging in there anew. */
  @Column({ ...TIME, nullable: true })
  provedAt: number | null;

  @Column({ type: 'varchar', length: 255 })
  userAgent: string;
}
