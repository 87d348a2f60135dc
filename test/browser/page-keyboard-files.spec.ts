import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { visitorFixture } from '../support/visitor.js';
import { FILM, shownOf } from './film.js';
import { focused, press, tabTo } from './keyboard.js';

describeWith('chromium', 'files, by keyboard alone', () => {
  const drive = driveFixture();
  const visitor = visitorFixture(drive);
  let page: Page;
  let alice: Client;
  let nth = 0;
  beforeEach(async () => {
    nth += 1;
    alice = await drive.signUp(`alice${nth}`);
    page = visitor.page;
  });

  const files = () => page.locator('[role=row] a.cut').allInnerTexts();

  /** Presses a button that saves receipts. @returns what they say */
  async function savedReceipts(): Promise<[number, string][]> {
    const download = page.waitForEvent('download');
    await press(page, 'Save the receipts');
    const { receipts } = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
    return receipts.map(({ fileId, sha256 }: { fileId: number; sha256: string }) => [fileId, sha256]);
  }

  it('watches a film: on to its second half by the arrow, and back to its beginning', async () => {
    await alice.file('film.webm', new Uint8Array(FILM));
    await visitor.logIn(`alice${nth}`);
    await page.locator('[role=row] a').first().waitFor();
    await tabTo(page, /^film\.webm/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'film.webm' }).waitFor();
    await expect.poll(() => shownOf(page)).toEqual({ at: 0, colour: 'red' });
    await tabTo(page, 'film.webm');
    while ((await shownOf(page)).at < 7) await page.keyboard.press('ArrowRight');
    await expect.poll(() => shownOf(page)).toMatchObject({ colour: 'green' });
    await page.keyboard.press('Home');
    await expect.poll(() => shownOf(page)).toEqual({ at: 0, colour: 'red' });
  });

  it('reads what goes with two files, deletes both at once, and saves the receipts, there and where all of them are', async () => {
    const [one, two] = [await alice.file('one.txt'), await alice.file('two.txt')];
    await alice.file('three.txt');
    await alice.put(`/api/files/${one.id}/access`, { public: true });
    const { link } = (await alice.post(`/api/files/${one.id}/accesses`, { public: true })).body;
    expect((await fetch(link)).status).toBe(200);
    await visitor.logIn(`alice${nth}`);
    await page.locator('[role=row] a').first().waitFor();
    await tabTo(page, 'Order');
    await page.keyboard.type('Name, A');
    await expect.poll(files).toEqual(['one.txt', 'three.txt', 'two.txt']);
    await tabTo(page, /^one\.txt/);
    await page.keyboard.press('Space');
    await page.keyboard.press('End');
    await expect.poll(() => focused(page)).toMatch(/^two\.txt/);
    await page.keyboard.press('Space');
    await page.getByText('2 files selected').waitFor();
    await page.keyboard.press('Delete');
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete 2 files and 1 link' }).waitFor();
    const goes = await dialog.getByRole('list', { name: 'What goes' }).getByRole('listitem').allInnerTexts();
    expect(goes).toEqual([
      expect.stringMatching(/^one\.txt[^]*1 link/),
      expect.stringMatching(/^two\.txt(?![^]*link)/),
    ]);

    await press(page, 'Delete 2 files and 1 link');
    await dialog.getByText('2 files are gone').waitFor();
    const gone = [one, two].map(({ id, sha256 }) => [id, sha256]);
    expect(await savedReceipts()).toEqual(gone);
    await press(page, 'Done');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('main');
    await expect.poll(files).toEqual(['three.txt']);
    expect((await fetch(link)).status).toBe(404);
    await drive.removalsSettled();
    const keys = (await drive.blobs()).map(({ key }) => key);
    expect(keys.filter((key) => key.startsWith(`alice${nth}/`))).toEqual([`alice${nth}/three.txt`]);

    await page.keyboard.press('3');
    await page.getByRole('heading', { name: `File number ${two.id}` }).waitFor();
    expect((await savedReceipts()).toSorted()).toEqual(gone);
  });
});
