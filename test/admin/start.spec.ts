import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ADMIN } from '../support/admin.js';

it('the command line was built as one file, newer than its parts, with the compiled code of this Node beside it', async () => {
  const { isBundleFresh, loadBundle } = await import(join(ADMIN, '../bundle.js'));
  expect(isBundleFresh()).toBe(true);
  expect(loadBundle().script.cachedDataRejected).toBe(false);
});
