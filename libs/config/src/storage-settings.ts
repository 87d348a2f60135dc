import type { Setting } from './setting.js';
import { formerStorage, storageUrl, withoutSecret } from './storage-url.js';
import { orOff, size, time } from './values.js';

/** Where the bytes are. */
export const STORAGE_SETTINGS = {
  storageUrl: {
    variable: 'STORAGE_URL',
    parse: storageUrl,
    absent: '`uploads/` in `DATA_DIR`',
    about: '`s3://key:secret@host:port/bucket?region=…` keeps the bytes in an S3 store: [docs/S3.md](docs/S3.md)',
    show: withoutSecret,
  },
  storageFormer: {
    variable: 'STORAGE_FORMER',
    parse: formerStorage,
    absent: 'all bytes are in one place',
    about:
      'while a drive moves, where it comes from: `file:`, or a bucket as in `STORAGE_URL` ([docs/MOVING.md](docs/MOVING.md))',
    show: withoutSecret,
  },
  storageCache: {
    variable: 'STORAGE_CACHE',
    parse: orOff(size(0)),
    byDefault: '64MiB',
    about: 'memory for files of up to 256 KiB that are asked for again and again; `off` keeps none',
  },
  storageSweepMs: {
    variable: 'STORAGE_SWEEP',
    parse: orOff(time('366d')),
    byDefault: '1d',
    about: 'S3: how old what an upload left there without a record must be to be swept; `off` sweeps nothing',
  },
} as const satisfies Record<string, Setting<unknown>>;
