import { afterAll } from 'vitest';
import { driveFixture } from './drive-fixture.js';
import type { Drive } from './drive.js';
import { MariaDb } from './mariadb.js';

/** A drive on a MariaDB of its own, whatever `DB` says, as `driveFixture`. Its rows are planted: nobody looks for violations. */
export function mariaDbDriveFixture(): Drive {
  let server: MariaDb | undefined;
  // Registered first, so that it runs last: the drive is closed before.
  afterAll(() => server?.stop());
  const settings = async () => {
    server = await MariaDb.start();
    return { DATABASE_URL: await server.createDatabase() };
  };
  return driveFixture(settings, { checked: 'never' });
}
