import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn, type Relation } from 'typeorm';
import { BIGINT } from './columns.js';
import { User } from './user.entity.js';

/**
 * How many live files of an extension an owner has: counted in the transactions that add or remove one, so that nobody has
 * to read a million files to count them. No row where there is none.
 */
@Entity('fileTypes', { withoutRowid: true })
export class FileType {
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'pk_file_types' })
  ownerId: number;

  @ManyToOne(() => User, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'ownerId', foreignKeyConstraintName: 'fk_file_types_owner' })
  owner: Relation<User>;

  /** As in the file. */
  @PrimaryColumn({ type: 'varchar', length: 255, primaryKeyConstraintName: 'pk_file_types' })
  extension: string;

  @Column({ type: 'integer' })
  files: number;

  /** Bytes of these files. */
  @Column(BIGINT)
  bytes: number;
}
