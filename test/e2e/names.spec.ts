import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { admin } from '../support/admin.js';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { share } from '../support/sharing.js';

const EVERYDAY = [
  'Screenshot 2026-11-27 at 3.45.12\u202FPM.png',
  'Facture n°\u00A012.pdf',
  '見積書\u3000株式会社.xlsx',
  'می\u200Cخواهم.pdf',
  'Donau\u00ADdampf.pdf',
  'דוח\u200F (2026).pdf',
  '\u{1F3F4}\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F} match.jpg',
  '\u{1FAEA}.jpg',
  '.gitignore',
  '.tmp',
  '.defdrive',
  '...',
  'Minutes 11:27.txt',
  'What?.txt',
  'CON.txt',
  'trailing.',
];

let alice: Client;
const drive = driveFixture();
beforeAll(async () => {
  alice = await drive.signUp('alice');
});

const reasonsOf = ({ body }: { body: Record<string, any> }): string[] => body.details.name;

describe('a name', () => {
  it.each(EVERYDAY)('as systems and languages write it is taken, kept, downloaded and deleted: %j', async (name) => {
    const file = await alice.file(name, 'its bytes');
    expect(file).toMatchObject({ name, location: `alice/${name}` });
    expect(readFileSync(join(drive.config.dataDir, 'uploads', 'alice', name), 'utf8')).toBe('its bytes');
    const { body: found } = await alice.get(`/api/files?q=${encodeURIComponent(name)}`);
    expect(found.files.map(({ id }: { id: number }) => id)).toContain(file.id);
    const content = await alice.fetch(`/api/files/${file.id}/content`);
    expect(await content.text()).toBe('its bytes');
    const disposition = content.headers.get('content-disposition')!;
    expect(disposition).toMatch(/^attachment; [\x20-\x7e]+$/);
    const [, plain] = /filename=("[^"]*"|[^;]*)/.exec(disposition)!;
    expect(plain).not.toMatch(/[?*:<>|]/);
    expect((await alice.delete(`/api/files/${file.id}`)).status).toBe(200);
    expect(await drive.violations()).toEqual([]);
  });

  it.each([
    ['Holiday/sea.jpg', 'has a / or \\, which separates folders, and there are none'],
    ['a\u202Egnp.exe', 'has a character that turns the direction of the text'],
    ['a\u200Bb', 'has a character that cannot be seen'],
    ['\u200D\uFE0F', 'has nothing that can be seen'],
    ['x'.repeat(256), 'has 256 bytes in UTF-8, and the storage holds 255'],
  ])('that is refused is told why: %j', async (name, reason) => {
    const answer = await alice.upload(name);
    expect([answer.status, answer.body.error]).toEqual([400, 'Invalid file name']);
    expect(reasonsOf(answer)).toEqual([reason]);
    expect(await drive.temporaryFiles()).toEqual([]);
  });

  it.each([
    ['Donaudampf.pdf', 'donau\u00ADdampf.PDF'],
    ['\u2764.txt', '\u2764\uFE0F.txt'],
    ['paypal.txt', 'pay\u200Cpal.txt'],
    ['a b.txt', 'a\u00A0b.txt'],
    ['.Env', '.env'],
  ])('that looks like another one of the same owner collides: %j and %j', async (one, other) => {
    const file = await alice.file(one, 'one');
    expect((await alice.upload(other, 'other')).body.error).toBe('A file with this name already exists in your folder');
    expect(await (await alice.fetch(`/api/files/${file.id}/content`)).text()).toBe('one');
    await alice.delete(`/api/files/${file.id}`);
  });

  it('of a shared file reaches a program that does not read filename* without a question mark', async () => {
    const { link } = await share(alice, {}, { name: 'Was? für alle: 100%.txt' });
    const { headers } = await fetch(link);
    expect(headers.get('content-disposition')).toBe(
      `attachment; filename="Was_ f_r alle_ 100%.txt"; filename*=UTF-8''Was%3F%20f%C3%BCr%20alle%3A%20100%25.txt`,
    );
  });
});

describe('two files that look the same since an upgrade', () => {
  it('are reported, and one that is left alone is compared by its own name again after a repair', async () => {
    const [old, young] = [await alice.file('old.txt'), await alice.file('young.txt')];
    const keyOf = async (id: number) =>
      (await drive.probe.rows<{ nameKey: string }>('SELECT nameKey FROM files WHERE id = ?', [id]))[0]!.nameKey;
    const key = await keyOf(old.id);
    await drive.probe.run("UPDATE files SET name = 'young.txt', nameKey = 'an older key' WHERE id = ?", [old.id]);
    const check = async () => (await admin(drive.config, ['storage', 'check', '--json'])).json.slice(0, -1);
    expect(await check()).toEqual([expect.objectContaining({ kind: 'name-alike', fileId: old.id })]);

    await alice.delete(`/api/files/${young.id}`);
    expect(await check()).toEqual([expect.objectContaining({ kind: 'name-key', fileId: old.id })]);
    await drive.probe.run("UPDATE files SET name = 'old.txt' WHERE id = ?", [old.id]);
    await drive.removalsSettled();
    await drive.app.close();
    const repaired = await admin(drive.config, ['storage', 'repair', '--apply', '--json']);
    expect(repaired.json.at(-1)).toMatchObject({ repaired: 1, failed: 0 });
    expect(await keyOf(old.id)).toBe(key);
    expect((await admin(drive.config, ['storage', 'check', '--json'])).code).toBe(0);
  });
});
