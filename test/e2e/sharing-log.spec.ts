import { afterEach, describe, expect, it } from 'vitest';
import { Server } from '../support/server.js';
import { follow, share } from '../support/sharing.js';

let server: Server;
afterEach(() => server.kill());

describe('the log', () => {
  it('tells of links made, used and refused, by the ids of their accesses, and never has a link', async () => {
    server = await Server.start(await Server.environment({ LOG_LEVEL: 'trace', LINK_LIMIT: '1/1m' }));
    const alice = await server.client.signUp('alice');
    const free = await share(alice);
    const once = await share(alice, { oneTimeUse: true });
    for (const { link } of [free, once, once]) await follow(link);
    await follow(free.link, { method: 'HEAD', headers: { referer: free.link } });
    expect((await alice.put(`/api/accesses/${once.access.id}`, { name: 'changed' })).status).toBe(200);
    expect(await alice.delete(`/api/accesses/${once.access.id}`)).toMatchObject({ status: 200 });
    for (const { link } of [once, once]) await follow(link);
    await follow(`${free.link}/more`);
    await server.kill('SIGTERM');

    const lines = server.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const events = (event: string) => lines.filter((line) => line.event === event).map(({ accessId }) => accessId);
    const [freeId, onceId] = [free.access.id, once.access.id];
    expect(events('link-made')).toEqual([freeId, onceId]);
    expect(events('link-used')).toEqual([freeId, onceId]);
    expect(events('link-refused')).toEqual([onceId]);
    expect(events('link-changed')).toEqual([onceId]);
    expect(events('link-deleted')).toEqual([onceId]);
    for (const { access } of [free, once]) expect(server.output).not.toContain(access.hash);
  });
});
