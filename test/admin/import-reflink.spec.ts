import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import { Drive } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { skipVisibly } from '../support/engines.js';

const MIB = 1024 * 1024;
const work = temporaryDirectory();
const mountPoint = join(work, 'xfs');
const did = (command: string, ...args: string[]) => spawnSync(command, args, { stdio: 'ignore' }).status === 0;

/** A file system that shares blocks between files: only root can have one for a test, and not everywhere. */
function mountXfs(): boolean {
  const image = join(work, 'image');
  mkdirSync(mountPoint);
  writeFileSync(image, '');
  truncateSync(image, 400 * MIB);
  return did('mkfs.xfs', '-q', '-m', 'reflink=1', image) && did('mount', '-o', 'loop', image, mountPoint);
}

const mounted = mountXfs();
afterAll(() => {
  if (mounted) did('umount', mountPoint);
});

const TITLE = 'import folder on a file system that can clone';
if (!mounted) skipVisibly(`skipped: ${TITLE} needs xfsprogs, and root and a kernel that mount XFS`);

describe.skipIf(!mounted)(TITLE, () => {
  const bytes = randomBytes(48 * MIB);
  const source = join(mountPoint, 'tree/large.bin');
  let drive: Drive;
  const used = () => {
    spawnSync('sync', ['-f', mountPoint]);
    const { blocks, bfree, bsize } = statfsSync(mountPoint);
    return (blocks - bfree) * bsize;
  };

  beforeAll(async () => {
    mkdirSync(join(mountPoint, 'tree'));
    writeFileSync(source, bytes, { mode: 0o644 });
    writeFileSync(join(mountPoint, 'tree/empty.bin'), '');
    drive = await Drive.start({ DATA_DIR: join(mountPoint, 'data') });
    await drive.signUp('alice');
    await drive.close();
  }, 60_000);

  it('shares the room of the bytes, and neither their end nor their mode', async () => {
    const before = used();
    const { code, json } = await admin(drive.config, [
      'import',
      'folder',
      join(mountPoint, 'tree'),
      '--user',
      'alice',
      '--json',
    ]);
    expect([code, json.at(-1)]).toEqual([0, expect.objectContaining({ imported: 2, refused: 0 })]);
    expect(used() - before).toBeLessThan(16 * MIB);
    const blob = join(drive.config.dataDir, 'uploads/alice/large.bin');
    expect([statSync(blob).nlink, statSync(blob).mode & 0o777]).toEqual([1, 0o600]);
    expect((await admin(drive.config, ['storage', 'check', '--deep'])).code).toBe(0);
    drive = await drive.restart();
    const alice = await drive.anonymous().logIn('alice');
    const { body } = await alice.get('/api/files?sort=-size');
    expect(await drive.violations()).toEqual([]);
    // What is written to the one is not seen in the other, and a delete takes the drive's alone.
    writeFileSync(source, 'changed');
    const response = await alice.fetch(`/api/files/${body.files[0].id}/content`);
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    await alice.delete(`/api/files/${body.files[0].id}`);
    expect(readFileSync(source, 'utf8')).toBe('changed');
    await drive.close();
  }, 60_000);
});
