import type { Page } from 'playwright-core';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { Issuer } from '../support/issuer.js';
import { freePort } from '../support/ports.js';
import { visitorFixture } from '../support/visitor.js';
import { press, type } from './keyboard.js';

/** The drive is `localhost` to the browser, and the provider `127.0.0.1`: two sites, as in life. */
describeWith('chromium', 'log-in by OpenID Connect, on the page', () => {
  let issuer: Issuer;
  afterAll(() => issuer?.stop());
  const drive = driveFixture(async () => {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    issuer = await Issuer.create(`${url}/api/auth/oidc/callback`);
    await issuer.start();
    return {
      ...{ PORT: String(port), PUBLIC_URL: url },
      ...{ OIDC_ISSUER: issuer.url, OIDC_CLIENT_ID: 'defdrive', OIDC_NAME: 'Tom & "Jerry" <b>' },
    };
  });
  const visitor = visitorFixture(drive, { bypassCSP: true });
  beforeEach(() => visitor.forgive((trouble) => trouble.startsWith(`foreign: ${issuer.url}/`)));

  const NAME = 'Tom & "Jerry" <b>';
  const enterAs = async (page: Page, person: string) => {
    await page.waitForURL(`${issuer.url}/**`);
    await page.getByLabel('Name').fill(person);
    await page.getByRole('button', { name: 'Enter' }).click();
  };

  it('ends where it began, in a session that lasts; the account is deleted after a log-in anew', async () => {
    const { page } = visitor;
    await visitor.go('/links');
    const button = page.getByRole('link', { name: `Log in with ${NAME}` });
    await button.waitFor();
    expect(await visitor.violations()).toEqual([]);
    await button.click();
    await enterAs(page, 'ada');
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/links');
    const cookies = (await visitor.context.cookies(drive.url)).filter(({ name }) => name.startsWith('defdrive'));
    expect(cookies).toMatchObject([{ name: 'defdrive', httpOnly: true, sameSite: 'Strict' }]);
    await page.reload();
    await page.getByRole('heading', { name: 'Links' }).waitFor();

    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('heading', { name: 'Set a password' }).waitFor();
    await page.getByText(`Linked with ${new URL(issuer.url).host}`).waitFor();
    expect(await visitor.violations()).toEqual([]);
    await page.getByRole('button', { name: 'Unlink' }).click();
    await page.getByText('This is your only way to log in.').waitFor();
    await page.getByRole('button', { name: 'Delete the account…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Delete the account and everything in it' }).click();
    await dialog.getByText('That takes a fresh log-in.').waitFor();
    expect(await drive.probe.rows('SELECT username FROM users')).toEqual([{ username: 'ada' }]);
    await dialog.getByRole('button', { name: `Log in again with ${NAME}` }).click();
    await enterAs(page, 'ada');
    await page.getByRole('button', { name: 'Delete the account…' }).click();
    await page.getByRole('button', { name: 'Delete the account and everything in it' }).click();
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    expect(await drive.probe.rows('SELECT id FROM users')).toEqual([]);
  });

  it('is done by keyboard alone, from the log-in to the end of the account', async () => {
    const { page } = visitor;
    const enter = async () => {
      await page.waitForURL(`${issuer.url}/**`);
      await type(page, 'Name', 'katherine');
      await page.keyboard.press('Enter');
    };
    await visitor.go('/links');
    await page.getByLabel('User name').waitFor();
    await press(page, `Log in with ${NAME}`);
    await enter();
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/links');

    await page.keyboard.press('4');
    await page.getByText(`Linked with ${new URL(issuer.url).host}`).waitFor();
    await press(page, 'Unlink');
    await page.getByText('This is your only way to log in.').waitFor();
    await press(page, 'Delete the account…');
    await press(page, 'Delete the account and everything in it');
    await page.getByText('That takes a fresh log-in.').waitFor();
    await press(page, `Log in again with ${NAME}`);
    await enter();
    await page.getByRole('button', { name: 'Delete the account…' }).waitFor();
    await press(page, 'Delete the account…');
    await press(page, 'Delete the account and everything in it');
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    expect(await drive.probe.rows('SELECT id FROM users')).toEqual([]);
  });

  it('is linked with an account that has a password, which then gets in by both', async () => {
    const { page } = visitor;
    await drive.signUp('grace');
    await visitor.logIn('grace', '/account');
    const section = page.getByRole('region', { name: 'Another way to log in' });
    await section.getByLabel('Password').fill('not the password');
    await section.getByRole('button', { name: `Link with ${NAME}` }).click();
    await section.getByText('User name or password is wrong').waitFor();
    await section.getByLabel('Password').fill(PASSWORD);
    await section.getByRole('button', { name: `Link with ${NAME}` }).click();
    await enterAs(page, 'grace.hopper');
    await section.getByText(`Linked with ${new URL(issuer.url).host}`).waitFor();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByRole('link', { name: `Log in with ${NAME}` }).click();
    await page.getByText('grace', { exact: true }).waitFor();
    expect(await drive.probe.rows('SELECT username FROM users')).toEqual([{ username: 'grace' }]);
    await section.getByRole('button', { name: 'Unlink' }).click();
    await section.getByRole('button', { name: `Link with ${NAME}` }).waitFor();
    expect(await drive.probe.rows('SELECT id FROM identities')).toEqual([]);
  });

  it('says that the provider is away, and the password still works', async () => {
    const { page } = visitor;
    await drive.signUp('rupert');
    visitor.forgive((trouble) => trouble.includes('503'));
    await issuer.stop();
    await drive.restart();
    await visitor.go('/');
    await page.getByRole('link', { name: `Log in with ${NAME}` }).click();
    await page.getByRole('heading', { name: 'The log-in service cannot be reached' }).waitFor();
    await page.getByRole('link', { name: 'To the start page' }).click();
    await page.getByLabel('User name').fill('rupert');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('navigation', { name: 'Places' }).waitFor();
  });
});
