import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/client.js';
import { Drive, sha256 } from '../support/drive.js';

let drive: Drive;
let count = 0;

beforeAll(async () => {
  drive = await Drive.start({ MAX_FILE_SIZE: '2000000' });
});
afterAll(() => drive.destroy());
afterEach(async () => expect(await drive.violations()).toEqual([]));

const newcomer = () => drive.signUp(`user${(count += 1)}`);
const base64 = (text: string) => Buffer.from(text).toString('base64');
const TUS = { 'tus-resumable': '1.0.0' };
const PART = { ...TUS, 'content-type': 'application/offset+octet-stream' };

/** Begins an upload. */
async function begin(client: Client, name: string, length: number, headers: Record<string, string> = {}) {
  const given = { ...TUS, 'upload-length': String(length), 'upload-metadata': `filename ${base64(name)}`, ...headers };
  return client.request('/api/uploads', { method: 'POST', headers: given });
}

function append(
  client: Client,
  path: string,
  offset: number,
  bytes: string | Buffer,
  headers: Record<string, string> = {},
) {
  const body = Buffer.from(bytes as string);
  return client.request(path, {
    method: 'PATCH',
    body,
    headers: { ...PART, 'upload-offset': String(offset), ...headers },
  });
}

const look = (client: Client, path: string) => client.request(path, { method: 'HEAD', headers: TUS });
const end = (client: Client, path: string) => client.request(path, { method: 'DELETE', headers: TUS });

/** Begins an upload that can be gone on with. @returns its address */
async function begun(client: Client, name: string, length: number): Promise<string> {
  const { status, headers, body } = await begin(client, name, length);
  if (status !== 201) throw new Error(`Begin of ${name}: ${JSON.stringify(body)}`);
  return headers.get('location')!;
}

describe('an upload in parts', () => {
  it('becomes a file with its last part', async () => {
    const client = await newcomer();
    const path = await begun(client, 'ä b.txt', 11);
    expect(path).toMatch(/^\/api\/uploads\/[0-9a-f]{32}$/);
    expect((await client.get('/api/uploads')).body).toEqual({
      uploads: [{ id: path.slice(13), name: 'ä b.txt', length: 11, offset: 0, expiresAt: expect.any(String) }],
    });
    const first = await append(client, path, 0, 'hello ');
    expect([first.status, first.headers.get('upload-offset')]).toEqual([204, '6']);
    const seen = await look(client, path);
    expect([seen.status, seen.headers.get('upload-offset'), seen.headers.get('upload-length')]).toEqual([
      200,
      '6',
      '11',
    ]);
    expect((await client.get('/api/files')).body.files).toEqual([]);
    const last = await append(client, path, 6, 'world');
    expect([last.status, last.headers.get('upload-offset')]).toEqual([204, '11']);
    const file = (await client.get(last.headers.get('content-location')!)).body.file;
    expect(file).toMatchObject({ name: 'ä b.txt', size: 11, sha256: sha256('hello world') });
    expect((await look(client, path)).headers.get('content-location')).toBe(`/api/files/${file.id}`);
    expect(drive.blobs()).toContainEqual({ key: file.location, size: 11, sha256: sha256('hello world') });
    expect((await client.get('/api/uploads')).body).toEqual({ uploads: [] });
    expect(drive.temporaryFiles()).toEqual([]);
    expect((await client.get('/api/user/limits')).body).toMatchObject({ currentFiles: 1, currentStorage: 11 });
  });

  it('holds its name and its room, and gives both back at its end', async () => {
    const client = await newcomer();
    const path = await begun(client, 'a.txt', 1000);
    expect((await client.get('/api/user/limits')).body).toMatchObject({
      currentStorage: 0,
      remainingStorage: 2 ** 30 - 1000,
      remainingFiles: 999,
    });
    await append(client, path, 0, 'x');
    const taken = await client.upload('A.TXT', 'y');
    expect([taken.status, taken.body.uploadId]).toEqual([409, path.slice(13)]);
    expect((await end(client, path)).status).toBe(204);
    expect((await look(client, path)).status).toBe(410);
    expect(drive.temporaryFiles()).toEqual([]);
    expect((await client.upload('A.TXT', 'y')).status).toBe(200);
    expect((await client.get('/api/user/limits')).body).toMatchObject({
      currentStorage: 1,
      remainingStorage: 2 ** 30 - 1,
    });
  });
});
