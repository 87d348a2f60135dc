import { Column, Entity, PrimaryColumn } from 'typeorm';
import { TIME, UUID } from './columns.js';

/** A place where bytes are kept. The place carries the same id, so that a wrong or empty volume is known at once. */
@Entity('storages')
export class Storage {
  @PrimaryColumn({ ...UUID, primaryKeyConstraintName: 'pk_storages' })
  id: string;

  @Column({ type: 'varchar', length: 16 })
  kind: 'local' | 's3';

  @Column(TIME)
  createdAt: number;
}
