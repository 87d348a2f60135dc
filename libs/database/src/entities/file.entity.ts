import {
  Column,
  Entity,
  Index,
  JoinColumn,
  ManyToOne,
  OneToMany,
  PrimaryGeneratedColumn,
  type Relation,
} from 'typeorm';
import { Access } from './access.entity.js';
import { BIGINT, TIME, UUID } from './columns.js';
import { User } from './user.entity.js';

/** `pending` while its upload is not acknowledged: nobody sees it, but it already claims its name and its bytes. */
export type FileState = 'pending' | 'live';

/** A file: the record of some stored bytes and the claim to its name in the owner's folder. */
@Entity('files')
@Index('uq_files_owner_name', ['ownerId', 'nameKey'], { unique: true })
@Index('uq_files_storage_key', ['storageId', 'storageKey'], { unique: true })
@Index('ix_files_owner_created', ['ownerId', 'createdAt', 'id'])
@Index('ix_files_owner_size', ['ownerId', 'size', 'id'])
@Index('ix_files_owner_text', ['ownerId', 'name', 'id'])
@Index('ix_files_state', ['state'], { where: "state = 'pending'" })
export class File {
  /** Never given twice, also after a delete. */
  @PrimaryGeneratedColumn({ type: 'integer', primaryKeyConstraintName: 'pk_files' })
  id: number;

  @Column({ type: 'integer' })
  ownerId: number;

  @ManyToOne(() => User, (user) => user.files, { onDelete: 'NO ACTION', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'ownerId', foreignKeyConstraintName: 'fk_files_owner' })
  owner: Relation<User>;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  /** SHA-256 in hex of the folded name: names that differ only in case or Unicode form are one name. */
  @Column({ type: 'varchar', length: 64 })
  nameKey: string;

  /** The name without case and in one Unicode form, for searching a part of it. */
  @Column({ type: 'text' })
  foldedName: string;

  /** Lower case, without the dot; empty where there is none. */
  @Column({ type: 'varchar', length: 255 })
  extension: string;

  @Column({ type: 'varchar', length: 16 })
  state: FileState;

  /** Which of several servers writes it while it is pending; empty where there is one, and while nobody does. */
  @Column({ ...UUID, default: '' })
  serverId: string;

  @Column(UUID)
  storageId: string;

  @Column({ type: 'varchar', length: 512 })
  storageKey: string;

  /** Bytes. */
  @Column(BIGINT)
  size: number;

  /** Hex; empty while pending. */
  @Column({ type: 'varchar', length: 64 })
  sha256: string;

  @Column({ type: 'boolean' })
  public: boolean;

  @Column(TIME)
  createdAt: number;

  @Column(TIME)
  updatedAt: number;

  /** What goes with a file, and before it: the one declaration that the delete is compiled from (cascade-removal.ts). */
  @OneToMany(() => Access, (access) => access.file, { cascade: ['remove'] })
  accesses: Relation<Access>[];
}
