import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { Visitor } from '../support/visitor.js';
import { settled } from './screens.js';
import { throttle } from './line.js';

const WIDTHS = [1200, 320];
const SCHEMES = ['light', 'dark'] as const;
const LOCALES = ['en-US', 'ar-EG'];
const WAYS = WIDTHS.flatMap((width) =>
  SCHEMES.flatMap((colorScheme) => LOCALES.map((locale) => ({ width, colorScheme, locale }))),
);

describeWith('chromium', 'the page, looked at by axe', () => {
  let alice: Client;
  let fileId: number;
  let nth = 0;

  // Each walk leaves an upload on its way.
  const drive = driveFixture({}, { checked: 'never' });
  beforeAll(async () => {
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

  /** One that is under way, one that has ended well, and one that needs a person. */
  async function upload(page: Page): Promise<void> {
    const file = (name: string, bytes: number) => ({ name, mimeType: 'text/plain', buffer: Buffer.alloc(bytes, 'x') });
    const input = page.locator('input[type=file][multiple]');
    await input.setInputFiles([file(`done ${(nth += 1)}.txt`, 3), file('notes.txt', 3)]);
    for (const state of ['done', 'failed']) await page.locator(`[data-state=${state}]`).waitFor();
    await throttle(page, 200_000);
    await input.setInputFiles([file(`film ${nth}.mp4`, 4_000_000)]);
    await page.locator('[data-state=sending] [role=progressbar]').waitFor();
  }

  it.each(WAYS)(
    'finds nothing on any screen: $width px, $colorScheme, $locale',
    async ({ width, ...options }) => {
      const viewport = { width, height: 800 };
      const visitor = await Visitor.enter(drive.url, { viewport, bypassCSP: true, ...options });
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
          await settled(page);
          await look(path);
        }
        await visitor.go('/admin/people');
        await page.locator('main button.primary').first().click();
        await page.locator('dialog form').waitFor();
        await look('a new person');
        await visitor.go(`/files/${fileId}`);
        await page.locator('main h1').waitFor();
        await page.keyboard.press('s');
        await page.locator('dialog details').first().waitFor();
        await page.locator('dialog details summary').first().click();
        await look('share');
        await page.locator('dialog form button.primary').click();
        // Of the link that was made: those that stand in the list can be unfolded, too.
        await page.locator('dialog .out button[aria-expanded]').first().click();
        await page.locator('dialog svg[role=img]').first().waitFor();
        await look('a link to hand on');
        await visitor.go('/');
        await page.locator('[role=row] a').first().waitFor();
        await upload(page);
        await look('uploads');
        expect(found).toEqual({});
      } finally {
        await visitor.leave();
      }
    },
    120_000,
  );
});
