import { Column, Entity, PrimaryColumn } from 'typeorm';
import { TIME, UUID } from './columns.js';

/** The lease of a server that works on this database. Its moments are by the clock of the database. */
@Entity('servers')
export class Server {
  /** Another one at each start. */
  @PrimaryColumn({ ...UUID, primaryKeyConstraintName: 'pk_servers' })
  id: string;

  /** Of its machine. */
  @Column({ type: 'varchar', length: 255 })
  name: string;

  /** Machine and data directory, by which it knows its own earlier life. */
  @Column({ type: 'varchar', length: 1024 })
  place: string;

  /** Where its bytes are: what is on a disk is one server's. */
  @Column({ type: 'varchar', length: 16 })
  kind: 'local' | 's3';

  @Column({ type: 'varchar', length: 64 })
  version: string;

  /** A hash of what all servers must have been given alike. */
  @Column({ type: 'varchar', length: 64 })
  secrets: string;

  @Column(TIME)
  startedAt: number;

  @Column(TIME)
  heartbeatAt: number;

  /** From when on it counts as dead, unless it renews its lease. */
  @Column(TIME)
  expiresAt: number;
}
