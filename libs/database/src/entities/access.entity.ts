import { Column, Entity, Index, JoinColumn, ManyToOne, PrimaryGeneratedColumn, type Relation } from 'typeorm';
import { TIME } from './columns.js';
import { File } from './file.entity.js';

/** A link to a file, and the limits under which it opens. */
@Entity('accesses')
export class Access {
  @PrimaryGeneratedColumn({ type: 'integer', primaryKeyConstraintName: 'pk_accesses' })
  id: number;

  @Index('ix_accesses_file')
  @Column({ type: 'integer' })
  fileId: number;

  @ManyToOne(() => File, (file) => file.accesses, { onDelete: 'CASCADE', onUpdate: 'NO ACTION', nullable: false })
  @JoinColumn({ name: 'fileId', foreignKeyConstraintName: 'fk_accesses_file' })
  file: Relation<File>;

  /** The file's owner, by which his accesses are counted and listed. */
  @Index('ix_accesses_owner')
  @Column({ type: 'integer', default: 0 })
  ownerId: number;

  @Column({ type: 'varchar', length: 255 })
  name: string;

  /** 128 random bits in hex. */
  @Index('uq_accesses_link', { unique: true })
  @Column({ type: 'varchar', length: 32 })
  link: string;

  /** Networks in CIDR notation; empty for no restriction. */
  @Column({ type: 'simple-json' })
  subnets: string[];

  /** Addresses; empty for no restriction. */
  @Column({ type: 'simple-json' })
  ips: string[];

  @Column({ ...TIME, nullable: true })
  expiresAt: number | null;

  @Column({ type: 'boolean' })
  public: boolean;

  @Column({ type: 'boolean' })
  oneTimeUse: boolean;

  @Column({ type: 'boolean' })
  enableTTL: boolean;

  /** Number of uses that are allowed while `enableTTL` is set. */
  @Column({ type: 'integer', nullable: true })
  ttl: number | null;

  @Column({ type: 'integer' })
  uses: number;

  /** How often the link was refused, by reason. */
  @Column({ type: 'simple-json' })
  refusals: Record<string, number>;

  @Column({ ...TIME, nullable: true })
  lastUsedAt: number | null;

  @Column(TIME)
  createdAt: number;

  /** argon2id in PHC format; none: the link asks for no password. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  passwordHash: string | null;
}
