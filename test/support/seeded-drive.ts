import { join } from 'node:path';
import { seed } from './admin.js';
import { driveFixture } from './drive-fixture.js';
import type { Drive } from './drive.js';
import { temporaryDirectory } from './temporary-directory.js';
import { databaseForTest } from './probe.js';

/** A drive of so many files, which the users `seed1` to `seed4` have, with 1500 accesses. It may be damaged by its tests. */
export function seededDrive(files: number): Drive {
  return driveFixture(
    async () => {
      const dataDir = join(temporaryDirectory(), 'data');
      const database = await databaseForTest();
      const size = ['--files', String(files), '--users', '4', '--accesses', '1500'];
      await seed({ dataDir, databaseUrl: database.DATABASE_URL }, ...size);
      return { DATA_DIR: dataDir, ...database };
    },
    { checked: 'never' },
  );
}

/** A finding, by what it is and where. */
const name = ({ kind, fileId, key, upload, username, accessId, removalId }: Record<string, any>) =>
  [kind, username ?? upload ?? key ?? accessId ?? removalId ?? fileId].join(' ');

/** What a check has found, in order. */
export const findingsOf = (json: Record<string, any>[]) =>
  json
    .filter(({ type }) => type !== 'verdict')
    .map(name)
    .toSorted();
