import { expect, it } from 'vitest';
import type { Client } from './client.js';
import type { Drive } from './drive.js';
import { follow, share } from './sharing.js';

/**
 * The tests of small content that is kept in memory, which hold wherever its bytes are.
 * @param times that it is asked for until it is kept
 */
export function keptContentTests(drive: Drive, owner: () => Client, times: number): void {
  const statusOf = async (id: number) => {
    const answer = await owner().fetch(`/api/files/${id}/content`);
    await answer.arrayBuffer();
    return answer.status;
  };
  const keep = async (id: number) => {
    for (let n = 0; n < times; n += 1) expect(await statusOf(id)).toBe(200);
  };

  it('is 404 also when another process has deleted its row', async () => {
    const { id } = await owner().file('elsewhere.txt', 'gone');
    const { id: stays } = await owner().file('stays.txt', 'here');
    for (const one of [id, stays]) await keep(one);
    await drive.probe.run("UPDATE files SET state = 'pending' WHERE id = ?", [id]);
    expect([await statusOf(id), await statusOf(stays)]).toEqual([404, 200]);
    await drive.probe.run("UPDATE files SET state = 'live' WHERE id = ?", [id]);
  });

  it('counts each use of a link, and no more than it allows', async () => {
    const { link, file } = await share(owner(), { enableTTL: true, ttl: 3 });
    await keep(file.id);
    const answers = await Promise.all(Array.from({ length: 12 }, () => follow(link)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
  });
}
