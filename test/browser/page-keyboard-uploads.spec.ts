import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { Visitor } from '../support/visitor.js';
import { focused, press, tabTo } from './keyboard.js';
import { throttle } from './line.js';

const MIB = 1024 * 1024;
const BYTES = randomBytes(6 * MIB);

describeWith('chromium', 'uploads and links, by keyboard alone', () => {
  let visitor: Visitor;
  let page: Page;
  let alice: Client;

  const drive = driveFixture();
  beforeAll(async () => {
    alice = await drive.signUp('alice');
    visitor = await Visitor.enter(drive.url);
    page = visitor.page;
    // The browser hands choosers over only once it knows that somebody waits for them.
    page.on('filechooser', () => undefined);
    await visitor.logIn('alice');
  });

  async function choose(...files: [string, Buffer][]): Promise<void> {
    // The screen of the files is made anew when the list comes.
    const empty = page.getByRole('heading', { name: 'Nothing here yet' });
    await empty.or(page.locator('[role=row] a')).first().waitFor();
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('u');
    await (
      await chooser
    ).setFiles(files.map(([name, buffer]) => ({ name, mimeType: 'application/octet-stream', buffer })));
  }

  it('pauses and resumes, and stays on the button', async () => {
    await alice.file('taken.txt', 'mine');
    const letGo = await throttle(page, MIB / 2);
    await choose(['film.bin', BYTES]);
    await page.getByRole('button', { name: 'Pause film.bin' }).waitFor();
    const tray = page.getByRole('region', { name: 'Uploads' });
    await expect.poll(() => tray.innerText()).toMatch(/ MB of .*left/s);
    await press(page, 'Pause film.bin');
    await page.getByText(/Paused at/).waitFor();
    await expect.poll(async () => (await alice.get('/api/uploads')).body.uploads[0]?.offset).toBeGreaterThan(0);
    expect(await focused(page)).toBe('Resume film.bin');
    await letGo();
    await page.keyboard.press('Enter');
    await page.getByText('1 file uploaded').first().waitFor();

    const { files } = (await alice.get('/api/files?q=film.bin')).body;
    expect(files[0].sha256).toBe(sha256(BYTES));
  });

  it('tries again, and keeps both', async () => {
    // The screen is made anew when the first file is there.
    await page.locator('[role=row] a').first().waitFor();
    const refused = () => page.waitForResponse((answer) => answer.status() === 409);
    const first = refused();
    await choose(['taken.txt', Buffer.from('another')]);
    await first;
    await page.getByText('There is a file with this name already').waitFor();
    const second = refused();
    await press(page, 'Try taken.txt again');
    await second;
    await page.getByText('There is a file with this name already').waitFor();
    await press(page, 'Keep both');
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest('.tray') !== null)).toBe(true);
    await page.getByText('taken (2).txt').first().waitFor();
    await expect.poll(async () => (await alice.get('/api/files?q=taken')).body.files.length).toBe(2);
    const { files } = (await alice.get('/api/files?q=taken&sort=name')).body;
    const sums = Object.fromEntries(files.map(({ name, sha256 }: { name: string; sha256: string }) => [name, sha256]));
    expect(sums).toEqual({ 'taken (2).txt': sha256(Buffer.from('another')), 'taken.txt': sha256(Buffer.from('mine')) });
    // The list has a use of its own for both keys, and they press what has the focus all the same.
    await page.locator('[role=row] a').first().waitFor();
    const fold = page.locator('.tray button[aria-expanded]');
    await tabTo(page, '2 files uploaded');
    await page.keyboard.press('Space');
    expect(await fold.getAttribute('aria-expanded')).toBe('false');
    await page.keyboard.press('Enter');
    expect(await fold.getAttribute('aria-expanded')).toBe('true');
    await press(page, 'Clear what is done');
    await fold.waitFor({ state: 'detached' });
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
  });

  it('changes a link, asks whether an address would get in, and closes the link', async () => {
    const { id } = (await alice.get('/api/files?q=taken.txt')).body.files[0];
    await alice.put(`/api/files/${id}/access`, { public: true });
    const { access } = (await alice.post(`/api/files/${id}/accesses`, { public: true, ips: ['192.0.2.7'] })).body;
    await page.keyboard.press('2');
    await page.getByRole('heading', { name: 'taken.txt' }).waitFor();
    await press(page, 'Would this address get in?');
    await tabTo(page, 'Address');
    await page.keyboard.type('198.51.100.1');
    await page.keyboard.press('Enter');
    await page.getByText('would not get in').waitFor();
    await press(page, 'Edit');
    await tabTo(page, 'Uses');
    await page.keyboard.type('5');
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await alice.get(`/api/accesses/${access.id}`)).body.access.ttl).toBe(5);
    await press(page, 'Close');
    await press(page, 'Close this link for good');
    await expect.poll(async () => (await alice.get(`/api/accesses/${access.id}`)).status).toBe(404);
  });
});
