import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** What has the focus, by the name that people see or hear. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement: one } = document;
    const label = (one as HTMLInputElement | null)?.labels?.[0]?.textContent ?? '';
    return (one?.getAttribute('aria-label') ?? (label || one?.textContent || '')).trim();
  });

const IS_SHOWN = () => {
  const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement ?? document.body);
  return outlineStyle !== 'none' && outlineWidth !== '0px';
};

/** Goes on with Tab until something of that name has the focus, which must be to be seen. */
export async function tabTo(page: Page, name: RegExp | string): Promise<void> {
  const seen: string[] = [];
  for (let steps = 0; steps < 80; steps += 1) {
    await page.keyboard.press('Tab');
    const text = await focused(page);
    seen.push(text);
    if (typeof name === 'string' ? text === name : name.test(text)) {
      expect(await page.evaluate(IS_SHOWN), `the focus on "${text}" is to be seen`).toBe(true);
      return;
    }
  }
  throw new Error(`Nothing called ${name} can be reached: ${seen.join(' | ')}`);
}

/** Fills in a field that is reached with Tab; whatever stood there goes. */
export async function type(page: Page, name: RegExp | string, text: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Control+a');
  await page.keyboard.type(text);
}

/** Presses a button, or follows a link, that is reached with Tab. */
export async function press(page: Page, name: RegExp | string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press('Enter');
}
