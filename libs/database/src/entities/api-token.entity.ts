import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { TIME } from './columns.js';
import { User } from './user.entity.js';

/** What a program shows instead of a password: it may do only what its scopes say. */
@Entity('apiTokens')
export class ApiToken {
  @PrimaryGeneratedColumn({ type: 'integer', primaryKeyConstraintName: 'pk_api_tokens' })
  id: number;

  @Index('ix_api_tokens_user')
  @Column({ type: 'integer' })
  userId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'userId', foreignKeyConstraintName: 'fk_api_tokens_user' })
  user: Relation<User>;

  @Column({ type: 'varchar', length: 100 })
  name: string;

  /** SHA-256 of the token, in hex. */
  @Index('uq_api_tokens_secret', { unique: true })
  @Column({ type: 'varchar', length: 64 })
  secretHash: string;

  /** Separated by spaces. */
  @Column({ type: 'varchar', length: 255 })
  scopes: string;

  @Column(TIME)
  createdAt: number;

  @Column({ ...TIME, nullable: true })
  expiresAt: number | null;

  @Column({ ...TIME, nullable: true })
  lastUsedAt: number | null;
}
