import type { Page } from 'playwright-core';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { visitorFixture } from '../support/visitor.js';
import { focused, press } from './keyboard.js';

const RED = '1 0 0 rg 0 0 200 200 re f';
/** One page, red all over: so whoever shows it is known by what is to be seen. */
const PDF = [
  '%PDF-1.4',
  '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
  '2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj',
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>endobj',
  `4 0 obj<</Length ${RED.length}>>stream\n${RED}\nendstream endobj`,
  'trailer<</Root 1 0 R>>',
].join('\n');
/** Pixels of red that are a page, and not a mark somewhere. */
const A_PAGE = 5_000;

/** How many pixels of what the browser shows in its frame are red. */
async function redPixels(page: Page): Promise<number> {
  const picture = (await page.locator('iframe').screenshot()).toString('base64');
  return page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width: image.width, height: image.height });
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    return data.filter((red, at) => at % 4 === 0 && red > 200 && data[at + 1]! < 60 && data[at + 2]! < 60).length;
  }, picture);
}

describeWith('chromium', 'the page shows a PDF', () => {
  let alice: Client;

  const drive = driveFixture();
  beforeAll(async () => {
    alice = await drive.signUp('alice');
  });
  const visitor = visitorFixture(drive);
  beforeEach(() => visitor.logIn('alice'));

  async function open(name: string): Promise<number> {
    const { id } = await alice.file(name, PDF);
    await visitor.go(`/files/${id}`);
    await visitor.page.getByRole('heading', { name }).waitFor();
    return id;
  }

  it('in the browser’s own viewer, when asked to, and the focus is in it', async () => {
    await open('red.pdf');
    const { page } = visitor;
    expect(await page.locator('iframe').count()).toBe(0);
    await press(page, /^Show it here/);
    await page.getByTitle('red.pdf').waitFor();
    await expect.poll(() => redPixels(page)).toBeGreaterThan(A_PAGE);
    expect(await page.evaluate(() => document.activeElement?.localName)).toBe('iframe');
  });

  it('only as a download where the browser has no viewer', async () => {
    const { page } = visitor;
    await page.addInitScript(() => Object.defineProperty(Navigator.prototype, 'pdfViewerEnabled', { value: false }));
    await open('no-viewer.pdf');
    await page.getByText('There is no preview of files like this. Download it to open it.').waitFor();
    expect(await page.getByRole('button', { name: /^Show it here/ }).count()).toBe(0);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'Download' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('no-viewer.pdf');
  });

  it('or says why not, when somebody has deleted it meanwhile, and can be asked again', async () => {
    const id = await open('gone.pdf');
    const { page } = visitor;
    await alice.delete(`/api/files/${id}`);
    await press(page, /^Show it here/);
    await page.getByRole('alert').waitFor();
    expect(await page.locator('iframe').count()).toBe(0);
    expect(await focused(page)).toMatch(/^Show it here/);
  });
});
