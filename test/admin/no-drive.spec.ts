import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const drive = driveFixture();

describe('a drive that is not there', () => {
  it.each([
    ['users', 'list'],
    ['storage', 'check'],
    ['storage', 'repair', '--apply'],
    ['database', 'status'],
  ])('%s %s refuses an empty data directory and makes nothing in it', async (...args) => {
    const dataDir = temporaryDirectory();
    const { code, err } = await admin({ ...drive.config, dataDir }, args);
    expect(drive.config.databaseUrl && args[0] === 'database' ? 0 : 1).toBe(code);
    if (code === 1) expect(err).toMatch(/^error: .*(holds no database|carries no id)/);
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it('config show needs none, and shows no secret', async () => {
    const environment = {
      JWT_SECRET: 'k'.repeat(20) + 'jjjjjjjjjjjjjjj',
      DATABASE_URL: 'mysql://me:hunter2@db:3306/x',
    };
    const { code, out } = await admin({ dataDir: '/nowhere' }, ['config', 'show'], { environment });
    expect(code).toBe(0);
    expect(out).toContain('mysql://me:***@db:3306/x');
    expect(out).not.toMatch(/hunter2|kkkk/);
  });

  it('says which setting is wrong', async () => {
    const outcome = await admin(drive.config, ['config', 'show'], { environment: { PORT: 'http' } });
    expect(outcome.code).toBe(1);
    expect(outcome.err).toMatch(/^error: PORT must/);
  });
});
