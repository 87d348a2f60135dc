import { type Marked, Marks } from '@app/database';
import { type KnownServer, Servers } from '@app/leases';
import { Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { asNumbers, countDrive, type DatabaseKind, databaseKind, type DriveCounts } from './drive-counts.js';

/** Beside what is counted: what an admin would look into. */
const MORE = `
  SELECT (SELECT COUNT(*) FROM users WHERE disabled = 1) AS usersDisabled,
    (SELECT COUNT(*) FROM users WHERE role = 'admin' AND disabled = 0) AS admins,
    (SELECT COUNT(*) FROM uploads WHERE reserved IS NOT NULL) AS uploadsUnfinished,
    (SELECT COUNT(*) FROM blobRemovals WHERE attempts > 0) AS removalsFailing,
    (SELECT MIN(createdAt) FROM blobRemovals) AS oldestRemovalAt`;

interface More {
  readonly usersDisabled: number;
  readonly admins: number;
  readonly uploadsUnfinished: number;
  readonly removalsFailing: number;
  readonly oldestRemovalAt: number | null;
}

export interface DriveStatusView extends DriveCounts, More {
  /** Whether a server, or a command that moves bytes, is at work. */
  readonly served: boolean;
  /** Those that have a lease in the database, or had one not long ago. */
  readonly servers: readonly KnownServer[];
  readonly database: DatabaseKind;
  readonly storage: { readonly kind: string; readonly free: number | null };
  readonly maintenance: Marked<'maintenance'> | undefined;
  readonly lastCheck: Marked<'check'> | undefined;
  readonly lastBackup: Marked<'backup'> | undefined;
}

/** How the drive is, on one screen. Reads only. */
@Injectable()
export class DriveStatus {
  constructor(
    private readonly servers: Servers,
    private readonly dataSource: DataSource,
    private readonly marks: Marks,
    private readonly storages: Storages,
  ) {}

  counts(): Promise<DriveCounts> {
    return countDrive((sql) => this.dataSource.query(sql));
  }

  async look(): Promise<DriveStatusView> {
    const [more] = await this.dataSource.query<[More]>(MORE);
    const { kind } = this.storages.current;
    return {
      ...(await this.counts()),
      ...asNumbers(more),
      served: await this.servers.isServed(),
      servers: await this.servers.list(),
      database: await databaseKind(this.dataSource),
      storage: { kind, free: await this.storages.current.free() },
      maintenance: await this.marks.read('maintenance'),
      lastCheck: await this.marks.read('check'),
      lastBackup: await this.marks.read('backup'),
    };
  }
}
