import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { expectError, head, JSON_TYPE, post } from '../support/errors.js';
import { RawClient } from '../support/raw.js';

let alice: Client;
let raw: RawClient | undefined;

const drive = driveFixture({}, { checked: 'soon' });
beforeAll(async () => {
  alice = await drive.signUp('alice');
});
afterEach(() => raw?.destroy());

/** Sends lines over a socket of their own and gives the first answer. */
const send = async (...lines: string[]) => (raw = await RawClient.connect(drive.url)).ask(...lines);

describe('an unknown route', () => {
  it.each([
    ['GET', '/nowhere'],
    ['GET', '/api'],
    ['GET', '/api/nothing'],
    ['GET', '/files'],
    ['GET', '/link'],
    ['GET', '/link/'],
    ['GET', '/link/a/b'],
    ['GET', '/linkx'],
    ['GET', '/api/link/abc'],
    ['GET', '/API/files'],
    ['GET', '/api/files//'],
    ['GET', '//'],
    ['GET', '//api/health'],
    ['GET', '/api//health'],
    ['GET', '/api/../api/health'],
    ['GET', '/.env'],
    ['OPTIONS', '/api/nothing'],
    ['PROPFIND', '/nowhere'],
    ['OPTIONS', '*'],
  ])('%s %s is not found', async (method, path) => {
    expectError(await send(...head(method, path)), 404, 'Not found');
    expectError(await send(...head(method, path, `Authorization: Bearer ${alice.token}`)), 404, 'Not found');
  });

  it.each([
    ['PUT', '/api/health'],
    ['DELETE', '/api/files'],
    ['PATCH', '/api/files/1'],
    ['POST', '/api/files/1'],
    ['GET', '/api/upload'],
    ['PUT', '/link/abc'],
    ['TRACE', '/api/health'],
  ])('%s %s is a method that is not allowed', async (method, path) => {
    expectError(await send(...head(method, path)), 405, 'Method not allowed');
  });

  it('is not found however long it is', async () => {
    expectError(await send(...head('GET', `/${'x'.repeat(10_000)}`)), 404, 'Not found');
  });

  it('is not found with a body of any kind', async () => {
    expectError(await send(...post('/api/nothing', '{"a":1}', JSON_TYPE)), 404, 'Not found');
    expectError(await send(...post('/api/nothing', 'anything', 'Content-Type: text/plain')), 404, 'Not found');
  });

  it('answers a HEAD without a body', async () => {
    raw = await RawClient.connect(drive.url);
    raw.send('HEAD /api/nothing HTTP/1.1', 'Host: x', 'Connection: close', '', '');
    await raw.end();
    expect(raw.received).toMatch(/^HTTP\/1\.1 404 [^]*\r\n\r\n$/);
  });
});

describe('an id', () => {
  const judge = (id: string) => send(...head('GET', `/api/files/${id}`, `Authorization: Bearer ${alice.token}`));

  it.each(['%00', '1%2F2', '1;2', '1%3Fx=1', '1%20', '%2B1'])('that is none is judged as one: %s', async (id) => {
    expectError(await judge(id), 400, 'Invalid file ID');
  });

  it('is what the URL stands for', async () => {
    expectError(await judge('%32147483647'), 404, 'File not found');
  });

  it.each([100, 101, 5_000])('of %i characters is judged as one', async (length) => {
    expectError(await judge('9'.repeat(length)), 400, 'Invalid file ID');
  });
});

describe('a fault inside', () => {
  it('is told without anything of the inside, and has its id in the answer', async () => {
    const lift = await drive.probe.plantFault('INSERT', 'users');
    const account = '{"username":"dora","password":"correct horse battery","email":"d@example.org","name":"Dora"}';
    const answer = await send(...post('/api/signup', account, JSON_TYPE));
    await lift();
    expectError(answer, 500, 'Internal server error');
    expect(answer.text).not.toContain('planted');
    expect(Object.keys(JSON.parse(answer.text)).toSorted()).toEqual(['code', 'error', 'requestId']);
    expect((await send(...post('/api/signup', account, JSON_TYPE))).status).toBe(200);
  });

  it.each([
    ['accesses', 'Failed to delete file accesses'],
    ['files', 'Failed to delete file record'],
  ])('in the delete of %s is told as the contract has it', async (table, text) => {
    const file = await alice.file(`${table}.txt`);
    await drive.probe.run(
      `INSERT INTO accesses (fileId, name, link, subnets, ips, public, oneTimeUse, enableTTL, uses, refusals, createdAt) VALUES (?, 'x', ?, '[]', '[]', 1, 0, 0, 0, '{}', 0)`,
      [file.id, crypto.randomUUID().replaceAll('-', '')],
    );
    const lift = await drive.probe.plantFault('DELETE', table);
    const answer = await send(...head('DELETE', `/api/files/${file.id}`, `Authorization: Bearer ${alice.token}`));
    await lift();
    expectError(answer, 500, text);
    expect(answer.text).not.toContain('planted');
    expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(200);
  });
});
