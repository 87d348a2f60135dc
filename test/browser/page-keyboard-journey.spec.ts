import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { type Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { sha256 } from '../support/drive.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { DOT } from '../support/pictures.js';
import { Visitor } from '../support/visitor.js';
import { FILM, shownOf } from './film.js';
import { deleteTheAccount, endTheOtherSession, focused, press, signUp, tabTo, type } from './keyboard.js';
import { throttle } from './line.js';

const LARGE = randomBytes(6_000_000);
const THREE = { 'dot.png': DOT, 'film.webm': FILM, 'large.bin': LARGE };
const HOLIDAY = { 'beach.txt': 'sand', 'day 2/hill.txt': 'grass' };

/** `page-journey.spec.ts` again, without a mouse: from sign-up to the end of the account, in one visit. */
describeWith('chromium', 'the page, from sign-up to the end of the account, by keyboard alone', () => {
  const drive = driveFixture();
  let folder: string;
  let visitor: Visitor;
  let page: Page;

  beforeAll(async () => {
    folder = temporaryDirectory();
    const holiday = Object.entries(HOLIDAY).map(([name, text]) => [`holiday/${name}`, text] as const);
    for (const [name, bytes] of [...Object.entries(THREE), ...holiday]) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
    visitor = await Visitor.enter(drive.url);
    page = visitor.page;
    // The browser hands choosers over only once it knows that somebody waits for them.
    page.on('filechooser', () => undefined);
  });

  const tray = () => page.getByRole('region', { name: 'Uploads' });
  const listed = () => page.locator('[role=row] a.cut').allInnerTexts();
  const roomFor = (bytes: number) => drive.probe.run('UPDATE users SET maxStorage = ?', [bytes]);

  /** Three files, of which one does not fit, and a folder. */
  async function upload(): Promise<void> {
    const files = page.waitForEvent('filechooser');
    await page.keyboard.press('u');
    await (await files).setFiles(Object.keys(THREE).map((name) => join(folder, name)));
    await tray().getByText('1 upload needs you').waitFor();
    const chooser = page.waitForEvent('filechooser');
    await press(page, 'Add a folder');
    await (await chooser).setFiles(join(folder, 'holiday'));
    const all = ['beach.txt', 'dot.png', 'film.webm', 'hill.txt'];
    await expect.poll(async () => (await listed()).toSorted()).toEqual(all);
  }

  /** Tries again what was refused, pauses it on its way, and lets it go on. */
  async function retry(): Promise<void> {
    const letGo = await throttle(page, 500_000);
    await press(page, 'Try large.bin again');
    await expect.poll(() => tray().innerText()).toMatch(/ MB of .*left/s);
    expect(await focused(page)).toBe('Pause large.bin');
    await page.keyboard.press('Enter');
    await tray()
      .getByText(/Paused at/)
      .waitFor();
    await letGo();
    expect(await focused(page)).toBe('Resume large.bin');
    await page.keyboard.press('Enter');
    await tray().getByText('5 files uploaded').waitFor();
    await press(page, 'Clear what is done');
    await expect.poll(async () => (await listed()).length).toBe(5);
  }

  /** Sorts by name, and goes down to a row. */
  async function goTo(name: string): Promise<void> {
    await tabTo(page, 'Order');
    await page.keyboard.type('Name, A');
    await expect.poll(listed).toEqual(['beach.txt', 'dot.png', 'film.webm', 'hill.txt', 'large.bin']);
    await tabTo(page, /^beach\.txt/);
    while (!(await focused(page)).startsWith(name)) await page.keyboard.press('ArrowDown');
  }

  async function look(): Promise<void> {
    await goTo('dot.png');
    await page.keyboard.press('Enter');
    const width = () => page.locator('img[alt="dot.png"]').evaluate((image: HTMLImageElement) => image.naturalWidth);
    await expect.poll(width).toBe(1);
    await page.keyboard.press('Escape');
    await goTo('film.webm');
    await page.keyboard.press('Enter');
    await expect.poll(() => shownOf(page)).toEqual({ at: 0, colour: 'red' });
    await tabTo(page, 'film.webm');
    while ((await shownOf(page)).at < 7) await page.keyboard.press('ArrowRight');
    await expect.poll(() => shownOf(page)).toMatchObject({ colour: 'green' });
  }

  /** Of the film, whose screen is open. */
  async function share(client: Client): Promise<string> {
    await press(page, 'Share');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, 'Works for');
    await page.keyboard.type('A week');
    await type(page, 'Uses', '3');
    await press(page, 'Password, addresses, name');
    await type(page, 'Password', 'open sesame');
    await press(page, 'Make the link');
    await page.getByRole('heading', { name: 'The link is ready' }).waitFor();
    const link = await page.getByRole('dialog').getByLabel('Link', { exact: true }).inputValue();
    const [access] = (await client.get('/api/accesses')).body.accesses;
    expect(access).toMatchObject({ enableTTL: true, ttl: 3, hasPassword: true });
    expect(Math.round((new Date(access.expires).getTime() - Date.now()) / 86_400_000)).toBe(7);
    await page.keyboard.press('Escape');
    return link;
  }

  async function visitAsStranger(link: string): Promise<void> {
    const stranger = await Visitor.enter(drive.url);
    await stranger.page.goto(link);
    expect(await stranger.page.getByText('film.webm').count()).toBe(0);
    await stranger.page.keyboard.type('open sesame');
    const download = stranger.page.waitForEvent('download');
    await stranger.page.keyboard.press('Enter');
    expect(sha256(readFileSync(await (await download).path()))).toBe(sha256(FILM));
    await stranger.leave();
  }

  /** The film and the large file at once, after a look at what goes. */
  async function remove(): Promise<void> {
    await page.keyboard.press('1');
    await goTo('film.webm');
    await page.keyboard.press('Space');
    await page.keyboard.press('End');
    await expect.poll(() => focused(page)).toMatch(/^large\.bin/);
    await page.keyboard.press('Space');
    await page.getByText('2 files selected').waitFor();
    await page.keyboard.press('Delete');
    const goes = page.getByRole('dialog').getByRole('list', { name: 'What goes' }).getByRole('listitem');
    await expect
      .poll(() => goes.allInnerTexts())
      .toEqual([expect.stringMatching(/^film\.webm[^]*1 link/), expect.stringMatching(/^large\.bin(?![^]*link)/)]);
    await press(page, 'Delete 2 files and 1 link');
    await page.getByText('2 files are gone').first().waitFor();
  }

  /** @returns the sums of the bytes that the saved receipts speak of */
  async function saveReceipts(): Promise<string[]> {
    const download = page.waitForEvent('download');
    await press(page, 'Save the receipts');
    const { receipts } = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
    await press(page, 'Done');
    return receipts.map((receipt: { sha256: string }) => receipt.sha256);
  }

  it('uploads, looks, shares, sees who came, deletes with receipts, and leaves nothing behind', async () => {
    await signUp(visitor, 'alice', 'Alice');
    const client = await drive.anonymous().logIn('alice');
    await roomFor(1_000_000);
    await upload();
    await roomFor(100_000_000);
    await retry();
    expect((await client.get('/api/files?q=large')).body.files).toMatchObject([{ sha256: sha256(LARGE) }]);
    await look();
    const link = await share(client);
    await visitAsStranger(link);
    await page.keyboard.press('2');
    const card = page.getByRole('article', { name: 'film.webm' });
    await card.getByText('Used 1 time').waitFor();
    await card.getByText('2 uses left').waitFor();
    await remove();
    expect((await saveReceipts()).toSorted()).toEqual([FILM, LARGE].map(sha256).toSorted());
    expect((await fetch(link)).status).toBe(404);
    await drive.removalsSettled();
    const left = (await drive.blobs()).map(({ key }) => key);
    expect(left).toEqual(['alice/beach.txt', 'alice/dot.png', 'alice/hill.txt']);
    await endTheOtherSession(page);
    expect((await client.get('/api/files')).status).toBe(401);
    await deleteTheAccount(page);
    expect(await drive.probe.rows('SELECT id FROM users')).toEqual([]);
    expect(await drive.blobs()).toEqual([]);
  }, 120_000);
});
