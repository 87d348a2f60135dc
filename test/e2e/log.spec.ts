import { afterEach, describe, expect, it } from 'vitest';
import { PASSWORD } from '../support/client.js';
import { openProbe } from '../support/probe.js';
import { Server } from '../support/server.js';

describe('the log', () => {
  let server: Server;
  afterEach(() => server.kill());

  it('has no password, token or link in any line, whatever happens and at whatever level', async () => {
    server = await Server.start(await Server.environment({ LOG_LEVEL: 'trace' }));
    const probe = await openProbe(server.config);
    const owner = await server.client.signUp('alice');
    const file = await owner.file('a.txt');
    await owner.put(`/api/files/${file.id}/access`, { public: true });
    const accesses = `/api/files/${file.id}/accesses`;
    const { body } = await owner.post(accesses, { public: true });
    const [link, wrong, unknown] = [
      new URL(body.link).pathname,
      'a wrong password',
      '0123456789abcdef0123456789abcdef',
    ];
    for (const path of [link, `${link}?x=1`, `/link/${unknown}`, `${link}/more`, `/%zz${link}`])
      await (await server.client.fetch(path)).text();
    await server.client.post('/api/login', { username: 'alice', password: wrong });
    await server.client.post('/api/login', { username: 'alice', password: wrong, passwords: [wrong] });
    await server.client.request('/api/login', {
      method: 'POST',
      body: `{"password":"${wrong}"`,
      headers: { 'content-type': 'application/json' },
    });
    for (const table of ['accesses', 'users', 'sessions']) {
      const lift = await probe.plantFault('INSERT', table);
      await owner.post(accesses, { public: true });
      await server.client.post('/api/login', { username: 'alice', password: PASSWORD });
      await server.client.post('/api/signup', {
        username: 'bob',
        password: PASSWORD,
        email: 'b@example.org',
        name: 'B',
      });
      await lift();
    }
    const changed = await owner.put('/api/user/password', { currentPassword: PASSWORD, newPassword: wrong });
    await probe.close();
    await server.kill('SIGTERM');
    expect(changed.status).toBe(200);
    const events = server.output.split('\n').filter((line) => line.startsWith('{'));
    expect(events.filter((line) => line.includes('request-failed')).length).toBeGreaterThanOrEqual(3);
    for (const secret of [owner.token!, changed.body.token, PASSWORD, wrong, link.slice(6), unknown, '$argon2'])
      expect(events.filter((line) => line.includes(secret))).toEqual([]);
  });
});
