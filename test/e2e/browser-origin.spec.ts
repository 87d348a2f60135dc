import { describe, expect, it } from 'vitest';
import type { Answer, Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';

const drive = driveFixture();

const REFUSED = { status: 403, body: { error: 'Cross-site request refused' } };

async function browser(username: string): Promise<Client> {
  await drive.signUp(username);
  await drive.probe.run('DELETE FROM sessions WHERE userId = (SELECT id FROM users WHERE username = ?)', [username]);
  return drive.anonymous().openSession(username);
}

describe('with a cookie, a request that changes something', () => {
  const FOREIGN: Record<string, string | undefined>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-site', origin: 'SELF' },
    { 'sec-fetch-site': undefined },
    { 'sec-fetch-site': undefined, origin: 'null' },
    { 'sec-fetch-site': undefined, origin: 'http://127.0.0.1:1' },
    { 'sec-fetch-site': undefined, origin: 'https://evil.example' },
    { 'sec-fetch-site': undefined, origin: '' },
  ];
  const own = (headers: Record<string, string | undefined>) =>
    headers.origin === 'SELF' ? { ...headers, origin: drive.url } : headers;

  it.each(FOREIGN)('is refused from elsewhere, and nothing has changed: %o', async (headers) => {
    const name = `mallory.${FOREIGN.indexOf(headers)}`;
    const client = await browser(name);
    const { id } = await client.file('a.txt');
    const elsewhere = client.with(own(headers));
    const answers: Answer[] = [
      await elsewhere.delete(`/api/files/${id}`),
      await elsewhere.put(`/api/files/${id}/access`, { public: true }),
      await elsewhere.post(`/api/files/${id}/accesses`, {}),
      await elsewhere.upload('b.txt'),
      await elsewhere.patch('/api/user', { name: 'Eve' }),
      await elsewhere.request('/api/logout', { method: 'POST' }),
    ];
    for (const answer of answers) expect(answer).toMatchObject(REFUSED);
    // What only reads is open: SameSite and the lack of CORS keep its answer from other sites.
    expect((await elsewhere.get('/api/files')).body.files).toMatchObject([{ id, public: false }]);
    expect((await client.get('/api/user')).body.user.name).toBe(name);
  });

  it('is taken from the same origin, also where the browser says only Origin', async () => {
    const client = await browser('niaj');
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': undefined, origin: drive.url }])
      expect((await client.with(headers).patch('/api/user', { name: 'Niaj' })).status).toBe(200);
  });

  it('says 401 before it says where it comes from', async () => {
    const nobody = drive.anonymous().with({ cookie: 'defdrive=x', 'sec-fetch-site': 'cross-site' });
    expect((await nobody.delete('/api/files/1')).status).toBe(401);
  });
});
