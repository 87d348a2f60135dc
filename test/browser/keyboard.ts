import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import type { Drive } from '../support/drive.js';
import { Visitor } from '../support/visitor.js';

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

/** Makes an account, and logs in at a browser of its own, by keyboard. */
export async function enter(drive: Drive, name: string, path = '/'): Promise<[Client, Visitor]> {
  const client = await drive.signUp(name);
  const visitor = await Visitor.enter(drive.url);
  await visitor.go(path);
  const { page } = visitor;
  await page.getByLabel('User name').waitFor();
  await tabTo(page, 'User name');
  await page.keyboard.type(name);
  await tabTo(page, 'Password');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('navigation', { name: 'Places' }).waitFor();
  return [client, visitor];
}

/** Makes an account on the page itself, by keyboard. */
export async function signUp(visitor: Visitor, username: string, name: string): Promise<void> {
  const { page } = visitor;
  await visitor.go('/');
  await page.getByLabel('User name').waitFor();
  await press(page, 'Sign up');
  expect(await focused(page), 'what is to be filled in first').toBe('User name');
  await page.keyboard.type(username);
  await type(page, 'Name', name);
  await type(page, 'E-mail', `${username}@example.org`);
  await type(page, 'Password', PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
  expect(await page.evaluate(() => document.activeElement?.id), 'where the form was').toBe('main');
}

/** At the screen of the account, as `deleteTheAccount`: ends the session of whoever logged in by the API. */
export async function endTheOtherSession(page: Page): Promise<void> {
  await page.keyboard.press('4');
  await page.getByText('This one').waitFor();
  await press(page, 'End the session of node');
  await page.getByRole('button', { name: 'End the session of node' }).waitFor({ state: 'detached' });
}

export async function deleteTheAccount(page: Page): Promise<void> {
  await press(page, 'Delete the account…');
  await tabTo(page, 'Your password');
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
}
