import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';

describe('what copies SQLite and a disk alone, of another drive', () => {
  const nowhere = { dataDir: '/nowhere', databaseUrl: 'mysql://u:p@127.0.0.1:1/drive' };
  it.each([
    [['database', 'backup', '/nowhere/b'], /^error: This copies SQLite only.*mariadb-dump.*docs\/OPERATING\.md/],
    [['database', 'backup', '/nowhere/b', '--incremental'], /^error: This copies SQLite only.*docs\/OPERATING\.md/],
    [['database', 'restore', '/nowhere/b'], /^error: This restores SQLite only.*load the dump.*docs\/OPERATING\.md/],
    [['database', 'scrub'], /^error: This scrubs SQLite only; docs\/DELETION\.md/],
  ])('says which way to take instead: %j', async (args, said) => {
    expect(await admin(nowhere, args)).toMatchObject({ code: 1, out: '', err: expect.stringMatching(said) });
  });

  it.each(['backup', 'restore'])('of a bucket, says so: %s', async (command) => {
    const environment = { STORAGE_URL: 's3://key:secret@127.0.0.1:1/bucket' };
    const { code, err } = await admin({ dataDir: '/nowhere' }, ['database', command, '/nowhere/b'], { environment });
    expect([code, err]).toEqual([1, expect.stringMatching(/^error: This \w+ the bytes of a disk only; docs\/S3\.md/)]);
  });
});
