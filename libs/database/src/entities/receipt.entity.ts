import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { BIGINT, TIME } from './columns.js';
import { User } from './user.entity.js';

/**
 * What proves the delete of a file: written in the transaction that deletes it, linked to the one before it by its hash,
 * and never changed but for the moment at which the bytes are gone. It has no name: that is gone with the file.
 */
@Entity('receipts')
@Index('uq_receipts_owner_sequence', ['ownerId', 'sequence'], { unique: true })
export class Receipt {
  /** Of the deleted file; never given twice, so there is one receipt for it. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'pk_receipts' })
  fileId: number;

  @Column({ type: 'integer' })
  ownerId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'ownerId', foreignKeyConstraintName: 'fk_receipts_owner' })
  owner: Relation<User>;

  /** From 1, without gaps, in the order of the owner's deletes. */
  @Column({ type: 'integer' })
  sequence: number;

  /** Random for each owner, and a new one after a restore from a backup. Hex. */
  @Column({ type: 'varchar', length: 32 })
  chain: string;

  /** Bytes. */
  @Column(BIGINT)
  size: number;

  /** Hex. */
  @Column({ type: 'varchar', length: 64 })
  sha256: string;

  /** How many went with the file. */
  @Column({ type: 'integer' })
  accesses: number;

  /** Downloads under way that the delete has cut. */
  @Column({ type: 'integer' })
  downloadsEnded: number;

  @Column(TIME)
  deletedAt: number;

  /** None while the bytes wait for their removal. */
  @Column({ ...TIME, nullable: true })
  bytesGoneAt: number | null;

  /** Hex; none at the beginning. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  previousHash: string | null;

  /** SHA-256 in hex of all of the above but for `ownerId` and `bytesGoneAt`. */
  @Column({ type: 'varchar', length: 64 })
  hash: string;
}
