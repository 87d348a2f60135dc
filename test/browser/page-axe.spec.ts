import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { launchBrowser, Visitor } from '../support/visitor.js';

const WIDTHS = [1200, 320];
const SCHEMES = ['light', 'dark'] as const;
const LOCALES = ['en-US', 'ar-EG'];
const WAYS = WIDTHS.flatMap((width) =>
  SCHEMES.flatMap((colorScheme) => LOCALES.map((locale) => ({ width, colorScheme, locale }))),
);

describeWith('chromium', 'the page, looked at by axe', (executablePath) => {
  let drive: Drive;
  let browser: Browser;
  let alice: Client;
  let fileId: number;

  beforeAll(async () => {
    drive = await Drive.start();
    browser = await launchBrowser(executablePath!);
    alice = await drive.signUp('alice');
    for (const name of [
      'report.pdf',
      'notes.txt',
      'photo.png',
      'a very long name that has to be cut off somewhere.zip',
    ]) {
      fileId = (await alice.file(name)).id;
    }
    await alice.post(`/api/files/${fileId}/accesses`, { public: true, name: 'For Bob', enableTTL: true, ttl: 3 });
    const gone = await alice.file('gone.txt');
    await alice.delete(`/api/files/${gone.id}`);
    await drive.probe.run("UPDATE users SET role = 'admin'");
  });
  afterAll(async () => {
    await browser?.close();
    await drive?.destroy();
  });

  it.each(WAYS)(
    'finds nothing on any screen: $width px, $colorScheme, $locale',
    async ({ width, ...options }) => {
      const viewport = { width, height: 800 };
      const visitor = await Visitor.enter(browser, drive.url, { viewport, bypassCSP: true, ...options });
      const { page } = visitor;
      const found: Record<string, string[]> = {};
      const look = async (screen: string) => {
        const violations = await visitor.violations();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        if (overflow > 0) violations.push(`${overflow} px wider than the window`);
        if (violations.length > 0) found[screen] = violations;
      };
      try {
        await visitor.go('/');
        await page.locator('form').waitFor();
        await look('welcome');
        const session = { username: 'alice', password: 'correct horse battery' };
        await page.evaluate(
          (body) => fetch('/api/session', { method: 'POST', body, headers: { 'content-type': 'application/json' } }),
          JSON.stringify(session),
        );
        await visitor.go('/');
        await page.locator('[role=row] a').first().waitFor();
        expect(await page.evaluate(() => document.documentElement.dir)).toBe(
          options.locale === 'ar-EG' ? 'rtl' : 'ltr',
        );
        await page.locator('[role=row] input').first().check();
        await look('files');
        await page.keyboard.press('Delete');
        await page.locator('dialog ul li').first().waitFor();
        await look('delete');
        await page.keyboard.press('Escape');
        await page.keyboard.press('?');
        await page.locator('dialog dl').waitFor();
        await look('keys');
        for (const path of [
          `/files/${fileId}`,
          '/links',
          '/receipts',
          '/account',
          '/admin',
          '/admin/people',
          '/nowhere',
        ]) {
          await visitor.go(path);
          await page.locator('main h1').waitFor();
          await page.locator('main .busy').first().waitFor({ state: 'detached' });
          await look(path);
        }
        await visitor.go(`/files/${fileId}`);
        await page.locator('main h1').waitFor();
        await page.keyboard.press('s');
        await page.locator('dialog details').first().waitFor();
        await page.locator('dialog details summary').first().click();
        await look('share');
        expect(found).toEqual({});
        expect(visitor.troubles).toEqual([]);
      } finally {
        await visitor.leave();
      }
    },
    120_000,
  );
});
