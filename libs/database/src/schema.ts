import type { DataSourceOptions } from 'typeorm';
import { ENTITIES } from './entities/index.js';
import { Initial1764000000000 } from './migrations/1764000000000-initial.js';
import { SessionsByExpiry1795500000000 } from './migrations/1795500000000-sessions-by-expiry.js';
import { Uploads1796000010000 } from './migrations/1796000010000-uploads.js';
import { NamesWithoutIgnorables1796000020000 } from './migrations/1796000020000-names-without-ignorables.js';
import { Bounds1796000030000 } from './migrations/1796000030000-bounds.js';
import { Accounts1796000040000 } from './migrations/1796000040000-accounts.js';
import { Receipts1796000050000 } from './migrations/1796000050000-receipts.js';
import { Tickets1796000060000 } from './migrations/1796000060000-tickets.js';
import { PendingFiles1796000070000 } from './migrations/1796000070000-pending-files.js';
import { AddIdentities1796000110000 } from './migrations/1796000110000-add-identities.js';
import { FileTypes1796000120000 } from './migrations/1796000120000-file-types.js';
import { Marks1796000140000 } from './migrations/1796000140000-marks.js';
import { Servers1796000160000 } from './migrations/1796000160000-servers.js';
import { WantedUploads1796000161000 } from './migrations/1796000161000-wanted-uploads.js';
import { Throttles1796000190000 } from './migrations/1796000190000-throttles.js';

/** What is the same for every engine: one set of entities, one set of migrations. */
export const SCHEMA: Pick<DataSourceOptions, 'entities' | 'migrations' | 'migrationsTransactionMode' | 'synchronize'> =
  {
    entities: ENTITIES,
    migrations: [
      Initial1764000000000,
      SessionsByExpiry1795500000000,
      Uploads1796000010000,
      NamesWithoutIgnorables1796000020000,
      Bounds1796000030000,
      Accounts1796000040000,
      Receipts1796000050000,
      Tickets1796000060000,
      PendingFiles1796000070000,
      AddIdentities1796000110000,
      FileTypes1796000120000,
      Marks1796000140000,
      Servers1796000160000,
      WantedUploads1796000161000,
      Throttles1796000190000,
    ],
    migrationsTransactionMode: 'each',
    synchronize: false,
  };
