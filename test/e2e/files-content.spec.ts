import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { itOnDisk } from '../support/store.js';

const drive = driveFixture();

describe('the content', () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, n) => (n * 7) % 251));

  it('comes whole, as an attachment that nobody runs', async () => {
    const owner = await drive.newcomer();
    const file = await owner.file("it's 50% ü 👍.html", bytes);
    const response = await owner.fetch(`/api/files/${file.id}/content`);
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(bytes));
    const header = (name: string) => response.headers.get(name);
    expect(header('content-disposition')).toMatch(
      /^attachment; filename=".*"; filename\*=utf-8''.*%F0%9F%91%8D\.html$/i,
    );
    expect(header('content-type')).toBe('application/octet-stream');
    expect(header('content-length')).toBe('300000');
    expect(header('etag')).toBe(`"${sha256(bytes)}"`);
    expect(header('accept-ranges')).toBe('bytes');
    expect(header('x-content-type-options')).toBe('nosniff');
    expect(header('content-security-policy')).toBe("sandbox; default-src 'none'; frame-ancestors 'none'");
    expect(header('cache-control')).toBe('no-store');
    expect(header('cross-origin-resource-policy')).toBe('same-origin');
    expect(header('referrer-policy')).toBe('no-referrer');
  });

  it.each([
    ['bytes=0-0', 0, 0],
    ['bytes=10-19', 10, 19],
    ['bytes=299990-', 299_990, 299_999],
    ['bytes=-5', 299_995, 299_999],
    ['bytes=-400000', 0, 299_999],
    ['bytes=100-999999999', 100, 299_999],
  ])('comes in parts: %s', async (range, start, end) => {
    const owner = await drive.newcomer();
    const file = await owner.file('a.bin', bytes);
    const response = await owner.fetch(`/api/files/${file.id}/content`, { headers: { range } });
    expect(response.status).toBe(206);
    expect(response.headers.get('content-range')).toBe(`bytes ${start}-${end}/300000`);
    expect(sha256(new Uint8Array(await response.arrayBuffer()))).toBe(sha256(bytes.subarray(start, end + 1)));
  });

  it('refuses a range that is outside, and ignores one that makes no sense', async () => {
    const owner = await drive.newcomer();
    const file = await owner.file('a.bin', bytes);
    const outside = await owner.fetch(`/api/files/${file.id}/content`, { headers: { range: 'bytes=300000-' } });
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, 'bytes */300000']);
    expect(((await outside.json()) as { error: string }).error).toBe('Range not satisfiable');
    for (const range of ['bytes=a-b', 'lines=1-2', 'bytes=0-1,5-6']) {
      const { status, headers, body } = await owner.fetch(`/api/files/${file.id}/content`, { headers: { range } });
      await body?.cancel();
      expect([range, status, headers.get('content-length')]).toEqual([range, 200, '300000']);
    }
  });

  it('is not sent again to who has it, and resumes only the same bytes', async () => {
    const owner = await drive.newcomer();
    const file = await owner.file('a.bin', bytes);
    const etag = `"${file.sha256}"`;
    const ask = async (headers: Record<string, string>) => {
      const response = await owner.fetch(`/api/files/${file.id}/content`, { headers });
      return [response.status, (await response.arrayBuffer()).byteLength];
    };
    expect(await ask({ 'if-none-match': etag })).toEqual([304, 0]);
    expect(await ask({ 'if-none-match': `"other", W/${etag}` })).toEqual([304, 0]);
    expect(await ask({ 'if-none-match': '"other"' })).toEqual([200, 300_000]);
    expect(await ask({ range: 'bytes=0-9', 'if-range': etag })).toEqual([206, 10]);
    expect(await ask({ range: 'bytes=0-9', 'if-range': '"other"' })).toEqual([200, 300_000]);
  });

  it('has a HEAD, and may be empty', async () => {
    const owner = await drive.newcomer();
    const [file, empty] = [await owner.file('a.bin', bytes), await owner.file('empty', '')];
    const head = await owner.fetch(`/api/files/${file.id}/content`, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length'), head.headers.get('etag')]).toEqual([
      200,
      '300000',
      `"${file.sha256}"`,
    ]);
    const ranged = await owner.fetch(`/api/files/${file.id}/content`, {
      method: 'HEAD',
      headers: { range: 'bytes=5-9' },
    });
    expect([ranged.status, ranged.headers.get('content-length')]).toEqual([200, '300000']);
    const nothing = await owner.fetch(`/api/files/${empty.id}/content`);
    expect([nothing.status, nothing.headers.get('content-length'), await nothing.text()]).toEqual([200, '0', '']);
  });

  itOnDisk('is never sent when it is not what was uploaded', async () => {
    const owner = await drive.newcomer();
    const [short, lost] = [await owner.file('short', '12345'), await owner.file('lost', '12345')];
    writeFileSync(join(drive.config.dataDir, 'uploads', short.location), '1234');
    unlinkSync(join(drive.config.dataDir, 'uploads', lost.location));
    for (const { id } of [short, lost]) {
      const { status, body } = await owner.get(`/api/files/${id}/content`);
      expect([status, body.error]).toEqual([500, 'Internal server error']);
      expect((await owner.delete(`/api/files/${id}`)).status).toBe(200);
    }
  });
});
