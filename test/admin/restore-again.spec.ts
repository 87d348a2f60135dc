import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { driveFixture } from '../support/drive-fixture.js';

const drive = driveFixture();
beforeAll(async () => {
  await drive.signUp('alice');
  await drive.app.close();
});

describe('storage restore, killed', () => {
  it.each(['upload.claimed', 'upload.created', 'upload.synced', 'upload.linked', 'upload.published', 'upload.live'])(
    'at %s, can be run again, and the file is there once with all its bytes',
    async (failpoint) => {
      const name = `found ${failpoint}.bin`;
      const bytes = 'bytes that nobody claimed '.repeat(1_000);
      const folder = join(drive.config.dataDir, 'quarantine/2026-11-27/alice');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), bytes);
      const command = ['storage', 'restore', `2026-11-27/alice/${name}`, '--user', 'alice', '--json'];
      const killed = await admin(drive.config, command, { environment: { FAILPOINT: failpoint } });
      expect(killed.signal).toBe('SIGKILL');
      const again = await admin(drive.config, command);
      expect([again.err, again.code]).toEqual(['', 0]);
      expect(again.json[0]).toMatchObject({ location: `alice/${name}`, size: bytes.length });
      expect(await drive.probe.rows('SELECT state FROM files WHERE name = ?', [name])).toEqual([{ state: 'live' }]);
      expect(readFileSync(join(drive.config.dataDir, 'uploads/alice', name), 'utf8')).toBe(bytes);
      expect((await admin(drive.config, ['storage', 'restore', '--json'])).json).toEqual([]);
      expect(await drive.violations()).toEqual([]);
    },
  );
});
