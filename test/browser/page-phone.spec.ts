import { devices } from 'playwright-core';
import { encode } from 'uqr';
import { expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { Visitor } from '../support/visitor.js';

/** What the phone's own sheet was given. */
interface Handed {
  handed?: { title: string; url: string };
}

describeWith('chromium', 'the page on a phone, by touch', () => {
  const drive = driveFixture();

  it('opens a file, shares it, and hands the link on by the sheet of the phone and by a code to scan', async () => {
    const alice = await drive.signUp('alice');
    const file = await alice.file('plan.txt', 'the plan');
    const { viewport, isMobile, hasTouch, deviceScaleFactor } = devices['Pixel 5']!;
    const visitor = await Visitor.enter(drive.url, { viewport, isMobile, hasTouch, deviceScaleFactor });
    const { page } = visitor;
    // A desktop's browser has no such sheet; what it would be given is what counts.
    await page.addInitScript(() => {
      navigator.share = async (data) => void Object.assign(globalThis, { handed: data });
    });
    await visitor.logIn('alice');
    await page.getByRole('link', { name: 'plan.txt', exact: true }).tap();
    await page.getByRole('heading', { name: 'plan.txt' }).waitFor();
    await page.getByRole('button', { name: 'Share' }).tap();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make the link' }).tap();
    const link = await dialog.getByLabel('Link', { exact: true }).inputValue();
    const [access] = (await alice.get(`/api/files/${file.id}/accesses`)).body.accesses;
    expect(link).toBe(access.link);
    await dialog.getByRole('button', { name: 'Send' }).tap();
    await expect
      .poll(() => page.evaluate(() => (globalThis as Handed).handed))
      .toEqual({ title: expect.stringContaining('plan.txt'), url: link });
    await dialog.getByRole('button', { name: 'QR code', exact: true }).tap();
    const shape = await dialog.getByRole('img', { name: 'QR code' }).locator('path').getAttribute('d');
    const dark = [...shape!.matchAll(/M(\d+) (\d+)/g)].map(([, x, y]) => `${x} ${y}`);
    const expected = encode(link, { border: 2 }).data.flatMap((row, y) =>
      row.flatMap((is, x) => (is ? [`${x} ${y}`] : [])),
    );
    expect(dark).toEqual(expected);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await visitor.leave();
  });
});
