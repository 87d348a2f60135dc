import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import { TIME, UUID } from './columns.js';

/**
 * Bytes that are still to go: written in the transaction that deletes their file, removed once they are gone for good.
 * It stands on its own, without relations, because it outlives the file and may outlive the owner.
 */
@Entity('blobRemovals')
@Index('uq_blob_removals_storage_key', ['storageId', 'storageKey'], { unique: true })
@Index('ix_blob_removals_owner_name', ['ownerId', 'nameKey'])
@Index('ix_blob_removals_due', ['attempts', 'nextAttemptAt'])
export class BlobRemoval {
  @PrimaryGeneratedColumn({ type: 'integer', primaryKeyConstraintName: 'pk_blob_removals' })
  id: number;

  @Column({ type: 'integer' })
  ownerId: number;

  /**
   * Of the deleted file, where a receipt waits to be told that its bytes are gone. Of a live file while the drive moves: then
   * these are its other bytes, a copy that is not the file's yet, or what it has left behind.
   */
  @Column({ type: 'integer', nullable: true })
  fileId: number | null;

  /** Keeps the name claimed until the bytes are gone. */
  @Column({ type: 'varchar', length: 64 })
  nameKey: string;

  @Column(UUID)
  storageId: string;

  @Column({ type: 'varchar', length: 512 })
  storageKey: string;

  /** Failed ones. */
  @Column({ type: 'integer' })
  attempts: number;

  @Column(TIME)
  nextAttemptAt: number;

  @Column({ type: 'varchar', length: 255, nullable: true })
  lastError: string | null;

  @Column(TIME)
  createdAt: number;
}
