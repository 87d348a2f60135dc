import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { published } from '../support/published.js';
import { itOnDisk, onS3 } from '../support/store.js';

const DESCRIPTORS = '/proc/self/fd';

let alice: Client;
let bob: Client;

const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
  bob = await drive.signUp('bob');
});

/** Files of this drive that are open in this process, and so in the drive within it. */
function open(): string[] {
  return readdirSync(DESCRIPTORS).flatMap((fd) => {
    try {
      const path = readlinkSync(join(DESCRIPTORS, fd));
      return path.startsWith(join(drive.config.dataDir, 'uploads')) ? [path] : [];
    } catch {
      return [];
    }
  });
}

describe('an archive', () => {
  it('is for whoever is known, of files that are there and his own', async () => {
    const mine = await alice.file('mine.txt');
    const his = await bob.file('his.txt');
    const ask = async (client: Client, ids: string) => {
      const { status, body } = await client.request(`/api/files/archive${ids}`);
      return [status, body.error];
    };
    expect(await ask(drive.anonymous(), `?ids=${mine.id}`)).toEqual([401, 'User not authenticated']);
    for (const ids of ['', '?ids=', '?ids=abc', `?ids=${mine.id},`, `?ids=${mine.id},01`, '?ids=1e3', '?ids=1&ids=2'])
      expect(await ask(alice, ids), ids).toEqual([400, 'Invalid file ID']);
    expect(await ask(alice, `?ids=${mine.id},${his.id},999999`)).toEqual([404, 'File not found']);
    const foreign = await ask(alice, `?ids=${mine.id},${his.id}`);
    expect(foreign).toEqual([403, "You don't have permission to view this file"]);
    expect(published(foreign[1] as string).code).toBe('may_not_view_file');
  });

  it('says how long it is, by HEAD as well, and leaves nothing open', async () => {
    const files = [await alice.file('a.bin', Buffer.alloc(300_000, 1)), await alice.file('b.txt', '')];
    const path = `/api/files/archive?ids=${files.map(({ id }) => id).join(',')}`;
    const head = await alice.fetch(path, { method: 'HEAD' });
    const whole = await alice.fetch(path);
    const bytes = Buffer.from(await whole.arrayBuffer());
    for (const answer of [head, whole]) {
      expect([answer.status, answer.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
      expect(Object.fromEntries(answer.headers)).toMatchObject({
        'content-type': 'application/zip',
        'content-disposition': 'attachment; filename=files.zip',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      });
    }
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('PK\x03\x04');
    if (existsSync(DESCRIPTORS)) await expect.poll(open).toEqual([]);
  });

  it.runIf(existsSync(DESCRIPTORS) && !onS3())(
    'has one file open while it goes on, and none when its client has gone',
    async () => {
      const big = Buffer.alloc(30_000_000, 2);
      const ids = [await alice.file('big 1.bin', big), await alice.file('big 2.bin', big)].map(({ id }) => id);
      const gone = new AbortController();
      const answer = await alice.fetch(`/api/files/archive?ids=${ids.join(',')}`, { signal: gone.signal });
      await answer.body!.getReader().read();
      await expect.poll(() => open().length).toBe(1);
      gone.abort();
      await expect.poll(open).toEqual([]);
    },
  );

  itOnDisk('that cannot be whole breaks off, and nobody takes it for whole', async () => {
    const [first, lost] = [await bob.file('first.bin', Buffer.alloc(300_000)), await bob.file('lost.bin', 'lost')];
    const path = join(drive.config.dataDir, 'uploads/bob/lost.bin');
    unlinkSync(path);
    const answer = await bob.fetch(`/api/files/archive?ids=${first.id},${lost.id}`);
    await expect(answer.arrayBuffer()).rejects.toThrow();
    writeFileSync(path, 'lost');
  });
});

describeWith('python', 'an archive, unpacked by another program', (python) => {
  const LIST = `
import sys, zipfile, hashlib, io
with zipfile.ZipFile(io.BytesIO(sys.stdin.buffer.read())) as archive:
    assert archive.testzip() is None
    for entry in archive.infolist():
        print(hashlib.sha256(archive.read(entry)).hexdigest(), entry.compress_type, entry.filename)
`;

  it('has every file once, whole and by its name', async () => {
    const carol = await drive.signUp('carol');
    const names = ["it's 100% ü 🖨.txt", '報告書.pdf', 'empty', '.env', 'CON.txt', 'a:b', 'What?.txt'];
    const files = [];
    for (const name of names)
      files.push(await carol.file(name, name === 'empty' ? '' : `bytes of ${name}`.repeat(9_999)));
    const ids = files.map(({ id }) => id);
    // One that is asked for twice comes once.
    const answer = await carol.fetch(`/api/files/archive?ids=${[...ids, ids[0]].join(',')}`);
    const { stdout, stderr } = spawnSync(python, ['-X', 'utf8', '-c', LIST], {
      input: Buffer.from(await answer.arrayBuffer()),
    });
    expect(stderr.toString()).toBe('');
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines).toEqual(files.map(({ name, sha256: sum }) => `${sum} 0 ${name === 'a:b' ? './a:b' : name}`));
    expect(files[2]!.sha256).toBe(sha256(Buffer.alloc(0)));
  });
});

describe('content to show', () => {
  const show = (id: number, inline = 'true') => alice.fetch(`/api/files/${id}/content?inline=${inline}`);

  it.each([
    ['a.PNG', 'image/png'],
    ['a.jpg', 'image/jpeg'],
    ['a.webp', 'image/webp'],
    ['a.mp4', 'video/mp4'],
    ['a.webm', 'video/webm'],
    ['a.ogg', 'audio/ogg'],
    ['a.mp3', 'audio/mpeg'],
    ['a.wav', 'audio/wav'],
    ['a.flac', 'audio/flac'],
    ['a.txt', 'text/plain; charset=utf-8'],
  ])('%s is %s, and still may do nothing', async (name, type) => {
    const { id } = await alice.file(`shown ${name}`, '<script>alert(1)</script>');
    const answer = await show(id);
    expect([answer.status, await answer.text()]).toEqual([200, '<script>alert(1)</script>']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': type,
      'content-disposition': `inline; filename="shown ${name}"`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    const part = await alice.fetch(`/api/files/${id}/content?inline=true`, { headers: { range: 'bytes=1-6' } });
    expect([part.status, part.headers.get('content-type'), await part.text()]).toEqual([206, type, 'script']);
    const saved = await show(id, 'false');
    expect(saved.headers.get('content-type')).toBe('application/octet-stream');
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment/);
  });

  it.each(['a.html', 'a.svg', 'a.xml', 'a.pdf', 'a.js', 'png', 'a.constructor'])(
    '%s stays an attachment',
    async (name) => {
      const { id } = await alice.file(`saved ${name}`, '<script>alert(1)</script>');
      const { headers } = await show(id);
      expect(headers.get('content-type')).toBe('application/octet-stream');
      expect(headers.get('content-disposition')).toMatch(/^attachment/);
    },
  );

  it('is asked for by true or false, and by nothing else', async () => {
    const { id } = await alice.file('asked.txt');
    for (const inline of ['yes', '1', '']) expect((await show(id, inline)).status).toBe(400);
  });
});
