import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { describeWith } from '../support/engines.js';
import { mariaDbDriveFixture } from '../support/mariadb-drive.js';

const FILES = 20;
const OF_A_FILE = 250;
const PAGE = 50;

/** Few files with many links each: there a join that begins with the files looks cheap, and sorts all links for each page. */
describeWith('mariadb', 'pages of links on MariaDB', () => {
  const drive = mariaDbDriveFixture();
  let alice: Client;
  let fileId: number;

  beforeAll(async () => {
    alice = await drive.signUp('alice');
    for (let n = 0; n < FILES; n += 1) fileId = (await alice.file(`${n}.txt`)).id;
    await drive.probe.run(
      `INSERT INTO accesses (fileId, ownerId, name, link, subnets, ips, public, oneTimeUse, enableTTL, uses, refusals, createdAt)
       SELECT id, ownerId, '', MD5(CONCAT(id, ' ', seq)), '[]', '[]', 1, 0, 0, 0, '{}', seq
       FROM files JOIN seq_1_to_${OF_A_FILE}`,
    );
  });

  /** Rows and index entries that the server has read or written since it started, sorting included. */
  const work = async () => {
    const rows = await drive.probe.rows<{ Value: string }>(
      "SHOW GLOBAL STATUS WHERE Variable_name LIKE 'Handler_read_%' OR Variable_name IN ('Handler_tmp_write', 'Sort_rows')",
    );
    return rows.reduce((sum, { Value }) => sum + Number(Value), 0);
  };

  it.each([
    ['all of the owner', () => '/api/accesses?', FILES * OF_A_FILE],
    ['of one file', () => `/api/files/${fileId}/accesses?`, OF_A_FILE],
    ['of one file, by the other path', () => `/api/accesses?fileId=${fileId}&`, OF_A_FILE],
  ])('%s cost what is on them, however deep they are', async (_what, path, count) => {
    const before = await work();
    const ids: number[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body } = await alice.get(`${path()}limit=${PAGE}${cursor && `&cursor=${cursor}`}`);
      ids.push(...body.accesses.map(({ id }: { id: number }) => id));
      cursor = body.nextCursor;
    }
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    expect(ids).toHaveLength(count);
    // Each with its file, and what is asked for with every request.
    expect((await work()) - before).toBeLessThan(count * 4);
  });
});
