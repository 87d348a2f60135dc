import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { TIME } from './columns.js';
import { User } from './user.entity.js';

/** Who a user is at an identity provider: issuer and subject together, and nothing else, say who it is. */
@Entity('identities')
@Index('uq_identities_subject', ['issuer', 'subject'], { unique: true })
export class Identity {
  @PrimaryGeneratedColumn({ type: 'integer', primaryKeyConstraintName: 'pk_identities' })
  id: number;

  @Index('ix_identities_user')
  @Column({ type: 'integer' })
  userId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'userId', foreignKeyConstraintName: 'fk_identities_user' })
  user: Relation<User>;

  @Column({ type: 'varchar', length: 255 })
  issuer: string;

  @Column({ type: 'varchar', length: 255 })
  subject: string;

  @Column(TIME)
  createdAt: number;
}
