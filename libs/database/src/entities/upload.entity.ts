import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { BIGINT, TIME } from './columns.js';
import { File } from './file.entity.js';
import { User } from './user.entity.js';

/**
 * An upload with an address of its own, which outlives its requests: what is known of it beside the file that it becomes.
 * It outlives its end, too, so that who comes back learns what became of it; `expiresAt` says for how long.
 */
@Entity('uploads')
@Index('ix_uploads_owner_reserved', ['ownerId', 'reserved'])
export class Upload {
  /** Random, in hex: the last part of its address. */
  @PrimaryColumn({ type: 'varchar', length: 32, primaryKeyConstraintName: 'pk_uploads' })
  id: string;

  @Column({ type: 'integer' })
  ownerId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'ownerId', foreignKeyConstraintName: 'fk_uploads_owner' })
  owner: Relation<User>;

  /** Pending until the last byte is there, live from then on; none once the upload has ended without becoming a file. */
  @Index('uq_uploads_file', { unique: true })
  @Column({ type: 'integer', nullable: true })
  fileId: number | null;

  @ManyToOne(() => File, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: true })
  @JoinColumn({ name: 'fileId', foreignKeyConstraintName: 'fk_uploads_file' })
  file: Relation<File> | null;

  /** Bytes that were announced. */
  @Column(BIGINT)
  length: number;

  /** Bytes that are durable: the offset that is told. Never less than before. */
  @Column(BIGINT)
  received: number;

  /** Bytes of the owner's room that are held for it (a file is held as well): its length, or none once nothing is to come. */
  @Column({ ...BIGINT, nullable: true })
  reserved: number | null;

  /** `Upload-Metadata`, as its client sent it. */
  @Column({ type: 'text' })
  metadata: string;

  /** 1 from when on another server waits for it than the one that has it, until somebody takes it anew. */
  @Column({ type: 'integer', default: 0 })
  wanted: number;

  @Index('ix_uploads_expiry')
  @Column(TIME)
  expiresAt: number;
}
