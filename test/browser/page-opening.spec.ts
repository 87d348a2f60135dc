import type { Page } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { visitorFixture } from '../support/visitor.js';
import { hold } from './hold.js';

const LIST = /\/api\/files\?/;
const WHO = /\/api\/user$/;

describeWith('chromium', 'the page, while it opens', () => {
  const drive = driveFixture();
  // What a service worker passes on is not to be seen here.
  const visitor = visitorFixture(drive, { serviceWorkers: 'block' });
  let page: Page;
  let alice: Client;
  let nth = 0;
  beforeEach(async () => {
    nth += 1;
    alice = await drive.signUp(`alice${nth}`);
    await alice.file('hers.txt');
    page = visitor.page;
  });

  it('asks for the files beside who is asking, not after it, and for each once', async () => {
    await visitor.logIn(`alice${nth}`);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const who = await hold(page, WHO);
    const list = page.waitForResponse(LIST);
    await page.reload({ waitUntil: 'commit' });
    await Promise.all([who.come, list]);
    await page.getByText('Opening').waitFor();
    who.release();
    await page.getByRole('link', { name: 'hers.txt', exact: true }).waitFor();
    await page.getByText(/and \d+ files left/).waitFor();
    expect(asked.filter((path) => path === '/api/files')).toHaveLength(1);
    expect(asked.filter((path) => path === '/api/user')).toHaveLength(1);
  });

  it('shows files and no error once somebody has logged in whose session had ended', async () => {
    await visitor.logIn(`alice${nth}`);
    await page.getByRole('link', { name: 'hers.txt', exact: true }).waitFor();
    const { sessions } = (await alice.get('/api/user/sessions')).body;
    for (const { id, current } of sessions) if (!current) await alice.delete(`/api/user/sessions/${id}`);
    await visitor.logIn(`alice${nth}`);
    await page.getByRole('link', { name: 'hers.txt', exact: true }).waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
  });

  it('shows the next person at this window nothing of who was there before', async () => {
    await drive.signUp(`bob${nth}`);
    await visitor.logIn(`alice${nth}`);
    await page.getByRole('checkbox', { name: 'Select hers.txt' }).check();
    await page.getByText('1 file selected').waitFor();
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('User name').waitFor();
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    const list = await hold(page, LIST);
    await page.getByLabel('User name').fill(`bob${nth}`);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('link', { name: 'Files' }).click();
    await list.come;
    expect(await page.getByText('hers.txt').count()).toBe(0);
    expect(await page.getByText('file selected').count()).toBe(0);
    list.release();
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
  });
});
