import { readFileSync } from 'node:fs';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { accessNow, follow, parallel, share, shareAgain } from '../support/sharing.js';
import { Visitor } from '../support/visitor.js';

const PASSWORD = 'pä§swörd 🔑';
const ONCE = { enableTTL: true, ttl: 1 };

describeWith('chromium', 'the page of a link', () => {
  let alice: Client;

  const drive = driveFixture({ LINK_LIMIT: '1000/1m' });
  beforeAll(async () => {
    alice = await drive.signUp('alice');
  });

  /** Somebody goes to an address, does something there, and nothing goes wrong unseen. */
  async function visit<Result>(
    link: string,
    act: (page: Page, visitor: Visitor) => Promise<Result>,
    options: BrowserContextOptions = {},
  ): Promise<Result> {
    const visitor = await Visitor.enter(drive.url, { acceptDownloads: true, ...options });
    try {
      await visitor.page.goto(link);
      const result = await act(visitor.page, visitor);
      return result;
    } finally {
      await visitor.leave();
    }
  }

  const press = (page: Page) => page.getByRole('button', { name: 'Download' }).click();

  /** What the browser saves when that is done. */
  async function saved(page: Page, act: () => Promise<void>): Promise<{ name: string; bytes: string }> {
    const [download] = await Promise.all([page.waitForEvent('download'), act()]);
    return { name: download.suggestedFilename(), bytes: readFileSync(await download.path(), 'utf8') };
  }

  it('shows what is there, and gives it by one button, again within the day', async () => {
    const shared = await share(alice, { ...ONCE, expires: '2199-01-31T12:00:00Z' }, { name: 'Ümläut & more.txt' });
    await visit(shared.link, async (page) => {
      await page.getByRole('heading', { name: shared.file.name }).waitFor();
      const facts = await page.locator('dl').innerText();
      for (const fact of ['1 download', 'January 31, 2199']) expect(facts).toContain(fact);
      expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
      const expected = { name: shared.file.name, bytes: `bytes of ${shared.file.name}` };
      expect(await saved(page, () => press(page))).toEqual(expected);
      await page.getByText('Your download has begun.').waitFor();
      const again = page.getByRole('link', { name: 'It broke off? Go on with it' });
      expect(await saved(page, () => again.click())).toEqual(expected);
      expect(await accessNow(alice, shared)).toMatchObject({ uses: 1 });
      await page.reload();
      await page.getByRole('heading', { name: 'All downloads of this link are used up' }).waitFor();
    });
  });

  it('works by keyboard alone', async () => {
    const shared = await share(alice, { ...ONCE, password: 'open sesame' });
    await visit(shared.link, async (page) => {
      await page.keyboard.type('open sesame');
      expect((await saved(page, () => page.keyboard.press('Enter'))).bytes).toBe(`bytes of ${shared.file.name}`);
      await page.getByText('Your download has begun.').waitFor();
      await page.keyboard.press('Tab');
      expect((await saved(page, () => page.keyboard.press('Enter'))).bytes).toBe(`bytes of ${shared.file.name}`);
    });
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1 });
  });

  it('works without script', async () => {
    const shared = await share(alice, ONCE);
    const locked = await shareAgain(alice, shared.file.id, { ...ONCE, password: PASSWORD });
    const options = { javaScriptEnabled: false };
    const bytes = `bytes of ${shared.file.name}`;
    await visit(shared.link, async (page) => expect((await saved(page, () => press(page))).bytes).toBe(bytes), options);
    await visit(
      locked.link,
      async (page) => {
        await page.getByLabel('Password').fill('something else');
        await press(page);
        await page.getByText('That is not the password.').waitFor();
        await page.getByLabel('Password').fill(PASSWORD);
        expect((await saved(page, () => press(page))).bytes).toBe(bytes);
      },
      options,
    );
    for (const access of [shared, locked]) expect(await accessNow(alice, access)).toMatchObject({ uses: 1 });
  });

  it('asks for a password, says in place that one is wrong, and names nothing of the file', async () => {
    const shared = await share(alice, { ...ONCE, password: PASSWORD }, { name: 'salaries.xlsx' });
    await visit(shared.link, async (page) => {
      await page.getByRole('heading', { name: 'This link asks for a password' }).waitFor();
      expect(await page.content()).not.toContain('salaries');
      await page.getByLabel('Password').fill('something else');
      await press(page);
      await page.getByText('That is not the password.').waitFor();
      expect(new URL(page.url()).pathname).toBe(new URL(shared.link).pathname);
      await page.getByLabel('Password').fill(PASSWORD);
      expect((await saved(page, () => press(page))).name).toBe('salaries.xlsx');
    });
    expect(await accessNow(alice, shared)).toMatchObject({ uses: 1, refusals: { password: 1 } });
  });

  it('explains a refusal, also one that comes between the look and the button', async () => {
    const shared = await share(alice, ONCE);
    await visit(shared.link, async (page) => {
      await follow(shared.link);
      await press(page);
      await page.getByRole('heading', { name: 'All downloads of this link are used up' }).waitFor();
    });
    await visit(`${drive.url}/link/${'0'.repeat(32)}`, async (page) => {
      await page.getByRole('heading', { name: 'There is nothing behind this link' }).waitFor();
    });
    await alice.put(`/api/accesses/${shared.access.id}`, { ttl: 2, public: false });
    await visit(shared.link, async (page) => {
      await page.getByRole('heading', { name: 'This link is closed' }).waitFor();
      await alice.put(`/api/accesses/${shared.access.id}`, { public: true });
      await page.reload();
      expect((await saved(page, () => press(page))).bytes).toBe(`bytes of ${shared.file.name}`);
    });
  });

  it('gives a link for one use to exactly one of many at once, people and programs', async () => {
    const shared = await share(alice, ONCE);
    const visitors = await parallel(6, () => Visitor.enter(drive.url, { acceptDownloads: true }));
    try {
      await Promise.all(visitors.map(({ page }) => page.goto(shared.link)));
      expect(await accessNow(alice, shared)).toMatchObject({ uses: 0 });
      const got = async ({ page }: Visitor) => {
        const download = page.waitForEvent('download').then(() => 1);
        const refused = page.getByRole('heading', { name: 'All downloads of this link are used up' }).waitFor();
        download.catch(() => 0);
        await press(page);
        return Promise.race([download, refused.then(() => 0)]);
      };
      const [people, programs] = await Promise.all([
        Promise.all(visitors.map(got)),
        parallel(25, async () => ((await follow(shared.link)).status === 200 ? 1 : 0)),
      ]);
      expect([...people, ...programs].filter((count) => count === 1)).toHaveLength(1);
      expect(await accessNow(alice, shared)).toMatchObject({ uses: 1, remainingUses: 0 });
    } finally {
      await Promise.all(visitors.map((visitor) => visitor.leave()));
    }
  });

  const ways = [1000, 320].flatMap((width) =>
    (['light', 'dark'] as const).flatMap((colorScheme) =>
      ['en-US', 'ar-EG'].map((locale) => ({ width, colorScheme, locale })),
    ),
  );
  it.each(ways)('has nothing that axe finds, and fits: $width px, $colorScheme, $locale', async ({ width, ...way }) => {
    const name = `${'a_long_name_without_any_place_to_break'.repeat(3)}.pdf`;
    const open = await share(alice, ONCE, { name: `${width} ${way.colorScheme} ${way.locale} ${name}` });
    const locked = await shareAgain(alice, open.file.id, { password: PASSWORD });
    const closed = await shareAgain(alice, open.file.id, { public: false });
    const options = { bypassCSP: true, viewport: { width, height: 800 }, ...way };
    for (const { link } of [open, locked, closed]) {
      await visit(
        link,
        async (page, visitor) => {
          expect(await visitor.violations()).toEqual([]);
          expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
          expect(await page.evaluate(() => document.documentElement.dir)).toBe(way.locale === 'ar-EG' ? 'rtl' : 'ltr');
        },
        options,
      );
    }
  });
});
