import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { NAVIGATION, plainly } from '../support/pages.js';
import { published } from '../support/published.js';
import { accessNow, follow, parallel, share, tally } from '../support/sharing.js';

/** What a header holds only percent-encoded. */
const PASSWORD = 'pä§swörd 🔑 %41';

let alice: Client;

const drive = driveFixture({ LOGIN_LIMIT: '3/1h' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const given = (password: string) => ({ 'x-link-password': encodeURIComponent(password) });
const json = ({ bytes }: { bytes: Buffer }) => JSON.parse(bytes.toString());

async function expectAsked(answer: Awaited<ReturnType<typeof follow>>, error: string): Promise<void> {
  const { requestId, ...body } = json(answer);
  expect([answer.status, body]).toEqual([401, published(error)]);
  expect(requestId).toBe(answer.headers.get('x-request-id'));
  expect(answer.headers.get('content-disposition')).toBeNull();
}

describe('a link with a password', () => {
  it('asks for it, and takes no use until it is right', async () => {
    const shared = await share(alice, { oneTimeUse: true, password: PASSWORD });
    expect(shared.access).toMatchObject({ hasPassword: true });
    await expectAsked(await follow(shared.link), 'This link needs a password');
    await expectAsked(await follow(`${shared.link}/use`, { method: 'POST' }), 'This link needs a password');
    await expectAsked(await follow(shared.link, { headers: given('something else') }), 'Wrong link password');
    expect((await follow(shared.link, { method: 'HEAD' })).status).toBe(401);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 0, refusals: { password: 1 } });
    expect((await follow(shared.link, { method: 'HEAD', headers: given(PASSWORD) })).status).toBe(200);
    expect((await follow(shared.link, { headers: given(PASSWORD) })).status).toBe(200);
    // Once it is used up it says so, and asks nobody for anything.
    expect((await follow(shared.link)).status).toBe(403);
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1 });
  });

  it('takes it by the header, as JSON or from a form, whose ticket then needs none', async () => {
    const ways: RequestInit[] = [
      { headers: given(PASSWORD) },
      { headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password: PASSWORD }) },
      { body: new URLSearchParams({ password: PASSWORD }), redirect: 'manual' },
    ];
    for (const way of ways) {
      const shared = await share(alice, { oneTimeUse: true, password: PASSWORD });
      const answer = await follow(`${shared.link}/use`, { method: 'POST', ...way });
      const address = answer.status === 303 ? answer.headers.get('location')! : json(answer).content;
      expect((await follow(new URL(address, `${shared.link}/use`).href)).bytes.toString()).toBe(
        `bytes of ${shared.file.name}`,
      );
    }
  });

  it('shows a person a page that asks for it, and names nothing of the file', async () => {
    const shared = await share(alice, { password: PASSWORD }, { name: 'salaries.xlsx' });
    const asked = await plainly(shared.link, NAVIGATION);
    expect([asked.status, asked.headers['content-type']]).toEqual([401, 'text/html; charset=utf-8']);
    const form = { 'content-type': 'application/x-www-form-urlencoded', ...NAVIGATION };
    const wrong = await plainly(`${shared.link}/use`, form, 'POST', 'password=not+it');
    expect([wrong.status, wrong.text.includes('That is not the password')]).toEqual([401, true]);
    for (const { text } of [asked, wrong]) {
      expect(text).toMatch(/<input[^>]*type="password"/);
      expect(text).not.toContain('salaries');
      expect(text).not.toContain(shared.file.sha256);
    }
    const right = await plainly(
      `${shared.link}/use`,
      form,
      'POST',
      new URLSearchParams({ password: PASSWORD }).toString(),
    );
    expect([right.status, right.headers.location]).toEqual([303, expect.stringMatching(/^content\?ticket=/)]);
  });

  it('is throttled for whoever guesses, for this link alone, also for many guesses at once', async () => {
    const shared = await share(alice, { password: PASSWORD });
    const other = await share(alice, { password: PASSWORD });
    const guesses = await parallel(10, (index) => follow(shared.link, { headers: given(`guess ${index}`) }));
    expect(tally(guesses)).toEqual({ 401: 3, 429: 7 });
    const late = await follow(shared.link, { headers: given(PASSWORD) });
    expect([late.status, Number(late.headers.get('retry-after'))]).toEqual([429, expect.any(Number)]);
    expect((await follow(other.link, { headers: given(PASSWORD) })).status).toBe(200);
    // Right ones are no guesses.
    const right = await parallel(3, () => follow(other.link, { headers: given(PASSWORD) }));
    expect(tally(right)).toEqual({ 200: 3 });
    for (let time = 0; time < 5; time++)
      expect((await follow(other.link, { headers: given(PASSWORD) })).status).toBe(200);
  });

  it('keeps its password when other things are changed, and gets another, or none', async () => {
    const shared = await share(alice, { password: PASSWORD });
    const change = (body: object) => alice.put(`/api/accesses/${shared.access.id}`, body);
    const opens = async (password: string) => (await follow(shared.link, { headers: given(password) })).status;
    expect((await change({ name: 'renamed' })).body.access).toMatchObject({ hasPassword: true });
    expect(await opens(PASSWORD)).toBe(200);
    await change({ password: 'another one' });
    expect([await opens(PASSWORD), await opens('another one')]).toEqual([401, 200]);
    expect((await change({ password: null })).body.access).toMatchObject({ hasPassword: false });
    expect((await follow(shared.link)).status).toBe(200);
    for (const password of ['short', '', 7, 'x'.repeat(129)]) expect((await change({ password })).status).toBe(400);
  });

  it('tells its password to nobody', async () => {
    const { access, file } = await share(alice, { password: PASSWORD });
    const answers = [
      await alice.get(`/api/accesses/${access.id}`),
      await alice.get(`/api/files/${file.id}/accesses`),
      await alice.get('/api/accesses'),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(200);
      expect(JSON.stringify(body)).not.toMatch(/passwordHash|argon2|swörd/);
    }
    const [row] = await drive.probe.rows('SELECT passwordHash FROM accesses WHERE id = ?', [access.id]);
    expect(row).toEqual({ passwordHash: expect.stringMatching(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/) });
  });
});
