import type { ServerLease } from '@app/data-directory';
import { type KnownServer, Servers } from './servers.js';

/** The one server of a drive whose database is a file: the lock of its data directory says that there is no other. */
export class SoleServer extends Servers {
  override readonly areShared = false;
  override readonly own = '';
  override readonly isValid = true;
  override readonly lateMs = 0;

  constructor(private readonly lease: ServerLease) {
    super();
  }

  override async join(): Promise<void> {}

  override async joinAlone(): Promise<void> {}

  override async leave(): Promise<void> {}

  override isServed(): Promise<boolean> {
    return this.lease.isServed();
  }

  override async list(): Promise<KnownServer[]> {
    return [];
  }
}
