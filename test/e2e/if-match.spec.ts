import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { share } from '../support/sharing.js';

const WRONG = `"${'0'.repeat(64)}"`;

let owner: Client;
const drive = driveFixture();
beforeAll(async () => {
  owner = await drive.signUp('alice');
});

const ask = (client: Client, method: string, path: string, ifMatch: string, more: Record<string, string> = {}) =>
  client.fetch(path, { method, headers: { 'if-match': ifMatch, ...more } });

it('a delete of other bytes than those that are meant is refused, and deletes nothing', async () => {
  const file = await owner.file('precious.txt');
  const path = `/api/files/${file.id}`;
  for (const wrong of [WRONG, `W/"${file.sha256}"`, file.sha256, '']) {
    const answer = await ask(owner, 'DELETE', path, wrong);
    expect([answer.status, ((await answer.json()) as { error: string }).error], wrong).toEqual([
      412,
      'Precondition failed',
    ]);
  }
  expect((await owner.get(path)).status).toBe(200);
  expect((await ask(owner, 'DELETE', path, `${WRONG}, "${file.sha256}"`)).status).toBe(200);
  expect((await ask(owner, 'DELETE', path, '*')).status).toBe(404);
});

it("another's file is refused for what it is, first", async () => {
  const file = await owner.file('mine.txt');
  const other = await drive.signUp('bob');
  expect((await ask(other, 'DELETE', `/api/files/${file.id}`, WRONG)).status).toBe(403);
});

it('so are other requests on a file, GET and HEAD and ranges of its bytes', async () => {
  const file = await owner.file('a.txt', '0123456789');
  const content = `/api/files/${file.id}/content`;
  const right = `"${file.sha256}"`;
  for (const method of ['GET', 'HEAD']) {
    expect((await ask(owner, method, content, WRONG)).status).toBe(412);
    expect((await ask(owner, method, content, right)).status).toBe(200);
  }
  expect((await ask(owner, 'GET', content, WRONG, { range: 'bytes=1-2' })).status).toBe(412);
  expect((await ask(owner, 'GET', content, WRONG, { 'if-none-match': right })).status).toBe(412);
  expect((await ask(owner, 'GET', content, right, { range: 'bytes=1-2' })).status).toBe(206);
  const body = {
    method: 'PUT',
    body: '{"public":true}',
    headers: { 'content-type': 'application/json', 'if-match': WRONG },
  };
  expect((await owner.fetch(`/api/files/${file.id}/access`, body)).status).toBe(412);
  expect((await owner.get(`/api/files/${file.id}`)).body.file.public).toBe(false);
});

it('a link is refused, and keeps its use', async () => {
  const stranger = drive.anonymous();
  const { file, access, link } = await share(owner, { oneTimeUse: true });
  const path = new URL(link).pathname;
  for (const method of ['GET', 'HEAD']) expect((await ask(stranger, method, path, WRONG)).status).toBe(412);
  expect((await owner.get(`/api/accesses/${access.id}`)).body.access.uses).toBe(0);
  expect((await ask(stranger, 'GET', path, `"${file.sha256}"`)).status).toBe(200);
  const free = await share(owner);
  for (const method of ['GET', 'HEAD']) {
    expect((await ask(stranger, method, new URL(free.link).pathname, WRONG)).status).toBe(412);
  }
  expect((await owner.get(`/api/accesses/${free.access.id}`)).body.access.uses).toBe(0);
});
