import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import type { Client } from '../support/client.js';
import { Server } from '../support/server.js';
import { follow, share } from '../support/sharing.js';

describe('admin audit', () => {
  let server: Server;
  let alice: Client;
  let kept: number;
  let gone: number;
  const began = new Date().toISOString();
  const search = (...args: string[]) => admin(server.config, ['audit', ...args]);
  const found = async (...args: string[]) => (await search(...args, '--json')).json.map(({ event }) => event);

  beforeAll(async () => {
    server = await Server.start(await Server.environment());
    alice = await server.client.signUp('alice');
    await server.client.signUp('bob');
    const { file, link } = await share(alice, {}, { name: 'kept.txt' });
    kept = file.id;
    await follow(link);
    gone = (await alice.file('gone.txt')).id;
    await alice.delete(`/api/files/${gone}`);
    await alice.post('/api/login', { username: 'alice', password: 'not the password' });
    await admin(server.config, ['users', 'set-limits', 'bob', '--max-files', '7']);
  });
  afterAll(() => server?.kill('SIGTERM'));

  it('tells all that happened, the first first, and what commands did beside the server', async () => {
    expect(await found()).toEqual([
      ...['sign-up', 'login', 'sign-up', 'login', 'file-uploaded', 'file-access-changed', 'link-made', 'link-used'],
      ...['file-uploaded', 'file-deleted', 'login-failed', 'user-updated'],
    ]);
  });

  it('finds by user, file, event, address and time', async () => {
    expect(await found('--user', 'bob')).toEqual(['sign-up', 'login', 'user-updated']);
    expect(await found('--user', 'Alice', '--event', 'login', '--event', 'login-failed')).toEqual([
      ...['login', 'login-failed'],
    ]);
    expect(await found('--file', `${gone}`)).toEqual(['file-uploaded', 'file-deleted']);
    expect(await found('--address', '127.0.0.1', '--event', 'link-used')).toEqual(['link-used']);
    expect(await found('--address', '127.0.0.2')).toEqual([]);
    expect(await found('--until', began)).toEqual([]);
    expect(await found('--since', '1h', '--event', 'file-deleted')).toEqual(['file-deleted']);
    expect(await found('--since', new Date(Date.now() + 60_000).toISOString())).toEqual([]);
  });

  it('calls what is there by its name, and what is gone by its id alone', async () => {
    const { code, err, out } = await search('--event', 'file-uploaded');
    expect([code, err]).toEqual([0, '']);
    const [header, ...lines] = out.trimEnd().split('\n');
    expect(header).toMatch(/^TIME +EVENT +RESULT +BY +VIA +FROM +FILE/);
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`file-uploaded +ok +alice +jwt +127\\.0\\.0\\.1 +${kept} kept\\.txt`));
    expect(lines[1]).toMatch(new RegExp(`file-uploaded +ok +alice +jwt +127\\.0\\.0\\.1 +${gone} gone `));
    const { json } = await search('--event', 'user-updated', '--json');
    expect(json).toMatchObject([{ via: 'command', by: expect.stringMatching(/^system:/), changed: 'maxFiles' }]);
  });

  it('says so where there is nothing, and what is wrong with a question', async () => {
    expect(await search('--user', 'nobody')).toMatchObject({ code: 0, out: 'No such events\n', err: '' });
    for (const [option, value] of [
      ['--since', 'yesterday'],
      ['--file', 'kept.txt'],
      ['--event', 'nothing'],
    ]) {
      const { code, err } = await search(option!, value!);
      expect([code, err.split('\n')[0]]).toEqual([1, expect.stringContaining(`${option} must be`)]);
    }
  });
});
