import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { Visitor } from '../support/visitor.js';
import { FILM } from './film.js';
import { throttle } from './line.js';

describeWith('chromium', 'the page, from sign-up to the end of the account', () => {
  const drive = driveFixture();
  let folder: string;

  beforeAll(async () => {
    folder = temporaryDirectory();
    for (const [name, bytes] of Object.entries({
      'film.webm': FILM,
      'large.bin': randomBytes(6_000_000),
      'plan.txt': 'the plan',
      'holiday/beach.txt': 'sand',
      'holiday/day 2/hill.txt': 'grass',
    })) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), bytes);
    }
  });

  async function signUp(visitor: Visitor): Promise<void> {
    const { page } = visitor;
    await visitor.go('/');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByLabel('User name').fill('alice');
    await page.getByLabel('Name', { exact: true }).fill('Alice');
    await page.getByLabel('E-mail').fill('alice@example.org');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
  }

  /** Three files and a folder; the large one is paused on its way and goes on. */
  async function upload(page: Page): Promise<void> {
    const tray = page.getByRole('region', { name: 'Uploads' });
    const letGo = await throttle(page, 200_000);
    await page
      .locator('input[type=file][multiple]')
      .setInputFiles(['film.webm', 'large.bin', 'plan.txt'].map((name) => join(folder, name)));
    await page.locator('input[webkitdirectory]').setInputFiles(join(folder, 'holiday'));
    await page.getByRole('button', { name: 'Pause large.bin' }).click();
    await tray.getByText(/Paused at/).waitFor();
    await letGo();
    await page.getByRole('button', { name: 'Resume large.bin' }).click();
    await tray.getByText('5 files uploaded').waitFor();
    await expect.poll(() => page.locator('[role=row] a.cut').count()).toBe(5);
    await page.getByRole('button', { name: 'Clear what is done' }).click();
  }

  /** @returns the seconds of a film that is shown, and the colour of the picture, at so many seconds */
  const seek = (page: Page, to: number) =>
    page.locator('video').evaluate(async (element, seconds) => {
      const video = element as HTMLVideoElement;
      if (video.readyState < 2)
        await new Promise((resolve) => video.addEventListener('loadeddata', resolve, { once: true }));
      const seeked = new Promise((resolve) => video.addEventListener('seeked', resolve, { once: true }));
      video.currentTime = seconds;
      await seeked;
      const context = document.createElement('canvas').getContext('2d')!;
      context.drawImage(video, 0, 0);
      const [red, green] = context.getImageData(8, 8, 1, 1).data;
      return [Math.round(video.duration), red! > green! ? 'red' : 'green'];
    }, to);

  it('uploads, watches, shares, sees who came, deletes with receipts, and leaves nothing behind', async () => {
    const visitor = await Visitor.enter(drive.url);
    const { page } = visitor;
    await signUp(visitor);
    await upload(page);
    await page.getByRole('link', { name: 'film.webm', exact: true }).click();
    await page.getByRole('heading', { name: 'film.webm' }).waitFor();
    expect(await seek(page, 8)).toEqual([10, 'green']);
    expect(await seek(page, 1)).toEqual([10, 'red']);
    await page.goBack();

    await page.getByRole('button', { name: 'Share plan.txt' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Works for').selectOption('A week');
    await dialog.getByLabel('Uses').fill('3');
    await dialog.getByText('Password, addresses, name').click();
    await dialog.getByLabel('Password').fill('open sesame');
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
    await page.keyboard.press('Escape');

    const stranger = await Visitor.enter(drive.url);
    await stranger.page.goto(link);
    expect(await stranger.page.getByText('plan.txt').count()).toBe(0);
    await stranger.page.getByLabel('Password').fill('open sesame');
    const download = stranger.page.waitForEvent('download');
    await stranger.page.getByRole('button').first().click();
    expect(readFileSync(await (await download).path(), 'utf8')).toBe('the plan');
    await stranger.leave();

    await page.getByRole('link', { name: 'Links' }).click();
    const card = page.getByRole('article', { name: 'plan.txt' });
    await card.getByText('Used 1 time').waitFor();
    await card.getByText('2 uses left').waitFor();
    await page.getByRole('link', { name: 'Files' }).click();
    for (const name of ['plan.txt', 'film.webm']) await page.getByLabel(`Select ${name}`).click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await dialog.getByRole('button', { name: 'Delete 2 files and 1 link' }).click();
    await page.getByText('2 files are gone').first().waitFor();
    const receipts = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the receipts' }).click();
    expect(JSON.parse(readFileSync(await (await receipts).path(), 'utf8')).receipts).toHaveLength(2);
    await page.getByRole('button', { name: 'Done' }).click();
    await drive.removalsSettled();
    expect((await drive.blobs()).map(({ key }) => key)).toEqual([
      'alice/beach.txt',
      'alice/hill.txt',
      'alice/large.bin',
    ]);

    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Delete the account…' }).click();
    await dialog.getByLabel('Your password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Delete the account and everything in it' }).click();
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    expect(await drive.probe.rows('SELECT id FROM users')).toEqual([]);
    expect(await drive.blobs()).toEqual([]);
    await visitor.leave();
  }, 120_000);
});
