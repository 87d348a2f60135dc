import { Column, Entity, Index, OneToMany, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { BIGINT, TIME } from './columns.js';
import { File } from './file.entity.js';
import { Session } from './session.entity.js';

export type Role = 'user' | 'admin';

/** An account, its limits, and what it uses of them. */
@Entity('users')
export class User {
  @PrimaryGeneratedColumn({ type: 'integer', primaryKeyConstraintName: 'pk_users' })
  id: number;

  /** Lower case; also the name of the owner's folder. */
  @Index('uq_users_username', { unique: true })
  @Column({ type: 'varchar', length: 32 })
  username: string;

  @Column({ type: 'varchar', length: 100 })
  name: string;

  @Column({ type: 'varchar', length: 254 })
  email: string;

  /** Empty where there is no password: such a user logs in at an identity provider. */
  @Column({ type: 'varchar', length: 255 })
  passwordHash: string;

  @Index('ix_users_role')
  @Column({ type: 'varchar', length: 16 })
  role: Role;

  @Column({ type: 'boolean' })
  disabled: boolean;

  @Column({ type: 'integer' })
  maxFiles: number;

  /** Bytes. */
  @Column(BIGINT)
  maxStorage: number;

  /** Live files, changed only in the transactions that add or remove one. */
  @Column({ type: 'integer' })
  usedFiles: number;

  /** Bytes of the live files. */
  @Column(BIGINT)
  usedBytes: number;

  /** Since when the account is being removed, with all that belongs to it: nobody can stop that any more. */
  @Index('ix_users_removal')
  @Column({ ...TIME, nullable: true })
  removedAt: number | null;

  @Column(TIME)
  createdAt: number;

  /** The chain of the owner's receipts and where it stands: moved on in the transaction that writes a receipt. */
  @Column({ type: 'varchar', length: 32, nullable: true })
  receiptChain: string | null;

  @Column({ type: 'integer', default: 0 })
  receiptSequence: number;

  @Column({ type: 'varchar', length: 64, nullable: true })
  receiptHash: string | null;

  @OneToMany(() => File, (file) => file.owner)
  files: Relation<File>[];

  @OneToMany(() => Session, (session) => session.user)
  sessions: Relation<Session>[];
}
