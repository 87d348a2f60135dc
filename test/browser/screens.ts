import type { Page } from 'playwright-core';

/** Resolves once a screen stands, with what it has asked the server for. */
export async function settled(page: Page): Promise<void> {
  await page.locator('main h1').waitFor();
  await page.locator('main .busy').first().waitFor({ state: 'detached' });
}

/** Chooses the first file of the list, and looks at each dialog that a key opens: to share, to delete, the keys. */
export async function eachDialog(page: Page, look: (screen: string) => Promise<void>): Promise<void> {
  await page.locator('[role=row] input').first().check();
  for (const key of ['s', 'Delete', '?']) {
    await page.keyboard.press(key);
    await page.locator('dialog[open]').waitFor();
    await look(`dialog ${key}`);
    await page.keyboard.press('Escape');
    await page.locator('dialog[open]').waitFor({ state: 'detached' });
  }
}
