import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { share } from '../support/sharing.js';
import { Visitor } from '../support/visitor.js';
import { tabTo } from './keyboard.js';
import { eachDialog, settled } from './screens.js';
import { throttle } from './line.js';

/** In the page: buttons and fields of which no edge and no surface is to be seen, by their text. */
function withoutEdge(): string[] {
  const [ground] = getComputedStyle(document.documentElement).backgroundColor.split(' and ');
  const controls = [
    ...document.querySelectorAll<HTMLElement>('button:not(.as-link), a.button, input, select, textarea'),
  ];
  return controls
    .filter((one) => one.checkVisibility() && !one.matches('[type=checkbox], [type=radio]'))
    .filter((one) => {
      const { borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(one);
      const hasEdge = borderTopWidth !== '0px' && borderTopColor !== ground && !borderTopColor.endsWith(' 0)');
      return !hasEdge && (backgroundColor === ground || backgroundColor.endsWith(' 0)'));
    })
    .map((one) => one.ariaLabel ?? one.textContent ?? one.localName);
}

/** What an element looks like, of what may tell it from another one. */
const look = (page: Page, selector: string) =>
  page
    .locator(selector)
    .first()
    .evaluate((one) => {
      const { backgroundColor, color, borderInlineStartColor, borderInlineStartWidth, outlineColor } =
        getComputedStyle(one);
      return { backgroundColor, color, edge: `${borderInlineStartWidth} ${borderInlineStartColor}`, outlineColor };
    });

/** Whoever has chosen his own colours (Windows' contrast themes) still sees each state: nothing is told by a surface alone. */
describeWith('chromium', 'the page, in colours that somebody has chosen for himself', () => {
  let fileId: number;

  const drive = driveFixture({}, { checked: 'soon' });
  beforeAll(async () => {
    const alice = await drive.signUp('alice');
    fileId = (await share(alice)).file.id;
    await alice.file('b.txt');
    await drive.probe.run("UPDATE users SET role = 'admin'");
  });

  const enter = async (colorScheme: 'light' | 'dark') => {
    const visitor = await Visitor.enter(drive.url, { forcedColors: 'active', colorScheme });
    await visitor.logIn('alice');
    return visitor;
  };

  it.each(['light', 'dark'] as const)(
    'shows what is chosen, where one is, and what comes first: %s',
    async (scheme) => {
      const visitor = await enter(scheme);
      const { page } = visitor;
      await page.locator('[role=row] input').first().check();
      const chosen = await look(page, '[role=row][aria-selected=true]');
      const other = await look(page, '[data-row][aria-selected=false]');
      expect(chosen.edge).not.toBe(other.edge);
      const { backgroundColor: ground } = await look(page, 'body');
      expect((await look(page, '.selected')).edge).toMatch(/^1px/);

      await tabTo(page, 'Add files');
      expect((await look(page, ':focus')).outlineColor).not.toBe(ground);
      const first = await look(page, 'button.primary');
      expect(first.backgroundColor).not.toBe((await look(page, '.head button:not(.primary)')).backgroundColor);
      expect(first.color).not.toBe(first.backgroundColor);

      const here = await look(page, 'nav [aria-current]');
      expect(here.backgroundColor).not.toBe((await look(page, 'nav a:not([aria-current])')).backgroundColor);
      expect(here.color).not.toBe(here.backgroundColor);
      await visitor.go('/admin/people');
      await page.locator('main nav').waitFor();
      const tab = await look(page, 'main nav [aria-current]');
      expect(tab.backgroundColor).not.toBe((await look(page, 'main nav a:not([aria-current])')).backgroundColor);
      await visitor.leave();
    },
  );

  it('shows how far an upload is', async () => {
    const visitor = await enter('dark');
    const { page } = visitor;
    const letGo = await throttle(page, 200_000);
    const file = { name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(1_000_000) };
    await page.locator('input[type=file][multiple]').setInputFiles([file]);
    const bar = '[data-state=sending] [role=progressbar]';
    const whole = await look(page, bar);
    expect((await look(page, `${bar} > div`)).backgroundColor).not.toBe(whole.backgroundColor);
    expect(whole.edge).toMatch(/^1px/);
    await letGo();
    await page.getByText('1 file uploaded').first().waitFor();
    await visitor.leave();
  });

  it('has an edge around whatever can be pressed or filled in, on every screen and in every dialog', async () => {
    const visitor = await enter('dark');
    const { page } = visitor;
    const found: Record<string, string[]> = {};
    const seen = async (screen: string) => {
      const without = await page.evaluate(withoutEdge);
      if (without.length > 0) found[screen] = without;
    };
    for (const path of ['/', `/files/${fileId}`, '/links', '/receipts', '/account', '/admin', '/admin/people']) {
      await visitor.go(path);
      await settled(page);
      await seen(path);
    }
    await visitor.go('/');
    await eachDialog(page, seen);
    expect(found).toEqual({});
    await visitor.leave();
  });
});
