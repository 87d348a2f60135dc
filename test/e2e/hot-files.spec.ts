import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { keptContentTests } from '../support/kept-content.js';

const KIB = 1024;

/** A client of a drive who asks for bytes, and reaches the files of the disk behind its back. */
function visitorOf(drive: ReturnType<typeof driveFixture>) {
  let owner: Client;
  beforeAll(async () => {
    owner = await drive.signUp('owner');
  });
  const content = async ({ id }: { id: number }) => {
    const answer = await owner.fetch(`/api/files/${id}/content`);
    return answer.status === 200 ? answer.text() : answer.status;
  };
  return {
    owner: () => owner,
    content,
    pathOf: (file: Awaited<ReturnType<Client['file']>>) => join(drive.config.dataDir, 'uploads', file.location),
    /** A file that has been asked for so often. */
    asked: async (name: string, bytes: string, times: number) => {
      const file = await owner.file(name, bytes);
      for (let n = 0; n < times; n += 1) expect(await content(file)).toBe(bytes);
      return file;
    },
  };
}

describe('a small file that is asked for again', () => {
  const drive = driveFixture({ STORAGE_CACHE: '4MiB' }, { checked: 'never' });
  const { owner, content, pathOf, asked } = visitorOf(drive);
  keptContentTests(drive, owner, 2);

  it('is sent from memory from then on, and was read from the disk before', async () => {
    const [once, twice] = [await asked('once.txt', '0123456789', 1), await asked('twice.txt', '0123456789', 2)];
    for (const file of [once, twice]) unlinkSync(pathOf(file));
    expect([await content(once), await content(twice)]).toEqual([500, '0123456789']);
  });

  it('is 404 at once when it is deleted, and its name brings the bytes of the next file', async () => {
    const file = await asked('again.txt', 'the first bytes', 3);
    await owner().delete(`/api/files/${file.id}`);
    expect(await content(file)).toBe(404);
    const next = await asked('again.txt', 'the next bytes', 3);
    expect([await content(file), await content(next)]).toEqual([404, 'the next bytes']);
  });

  it('is refused where its bytes are others than were recorded, until they are right again', async () => {
    const file = await owner().file('altered.txt', 'the right bytes');
    const right = readFileSync(pathOf(file));
    writeFileSync(pathOf(file), 'the wrong bytes');
    expect([await content(file), await content(file), await content(file)]).toEqual(['the wrong bytes', 500, 500]);
    writeFileSync(pathOf(file), right);
    expect(await content(file)).toBe('the right bytes');
  });

  it('is read from the disk each time where it is large', async () => {
    const file = await asked('large.txt', '.'.repeat(257 * KIB), 2);
    unlinkSync(pathOf(file));
    expect(await content(file)).toBe(500);
  });
});

describe('where no memory is given to it', () => {
  const drive = driveFixture({ STORAGE_CACHE: 'off' }, { checked: 'never' });
  const { content, pathOf, asked } = visitorOf(drive);

  it('a file is read from the disk each time', async () => {
    const file = await asked('cold.txt', '0123456789', 3);
    unlinkSync(pathOf(file));
    expect(await content(file)).toBe(500);
  });
});
