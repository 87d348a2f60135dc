import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { describeWith } from '../support/engines.js';
import { mariaDbDriveFixture } from '../support/mariadb-drive.js';

const FILES = 6_000;
const PAGE = 200;

describeWith('mariadb', 'pages of a list on MariaDB', () => {
  const drive = mariaDbDriveFixture();
  let alice: Client;

  beforeAll(async () => {
    alice = await drive.signUp('alice');
    await drive.signUp('bob');
    const columns =
      'ownerId, name, nameKey, foldedName, extension, state, storageId, storageKey, size, sha256, public, createdAt, updatedAt';
    for (const owner of ['alice', 'bob']) {
      await drive.probe.run(
        `INSERT INTO files (${columns})
         SELECT users.id, CONCAT('n', seq), CONCAT('n', seq), CONCAT('n', seq), '', 'live', 's', CONCAT(username, seq),
                seq % 100, '', 0, 1764000000000 + seq DIV 3, 0
         FROM users JOIN seq_1_to_${FILES} WHERE username = ?`,
        [owner],
      );
    }
    await drive.probe.rows('ANALYZE TABLE files');
  });

  /** Rows and index entries that the server has read since it started. */
  const read = async () => {
    const rows = await drive.probe.rows<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Handler_read_%'");
    return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
  };

  it.each(['createdAt', '-createdAt', 'name', '-name', 'size', '-size'])(
    'sorted by %s cost what is on them, however deep they are',
    async (sort) => {
      const before = await read();
      const ids: number[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const { body } = await alice.get(`/api/files?limit=${PAGE}&sort=${sort}${cursor && `&cursor=${cursor}`}`);
        const page = body as { files: { id: number }[]; nextCursor: string | null };
        ids.push(...page.files.map(({ id }) => id));
        cursor = page.nextCursor;
      }
      expect(new Set(ids).size).toBe(FILES);
      expect(ids).toHaveLength(FILES);
      expect((await read()) - before).toBeLessThan(FILES * 2);
    },
  );
});
