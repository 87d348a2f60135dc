import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { Drive } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { press, tabTo, type } from './keyboard.js';
import { Visitor } from '../support/visitor.js';

/** Each screen's task again, without a mouse: what has the focus is found by its name, never clicked. */
describeWith('chromium', 'the page, by keyboard alone', () => {
  let drive: Drive;

  beforeAll(async () => {
    drive = await Drive.start();
  });
  afterAll(() => drive?.destroy());

  async function enter(name: string, path = '/'): Promise<[Client, Visitor]> {
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

  it('logs in, searches, moves, selects one, a range and all, and opens a file', async () => {
    const [client, visitor] = await enter('keys1');
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'd.txt']) await client.file(name);
    const { page } = visitor;
    await page.reload();
    const selected = () => page.locator('[role=row][aria-selected=true] a.cut').allInnerTexts();
    await page.locator('[role=row] a').first().waitFor();
    await tabTo(page, 'Order');
    await page.keyboard.type('Name, A');
    await expect.poll(() => page.locator('[role=row] a.cut').first().innerText()).toBe('a.txt');
    await tabTo(page, /^a\.txt/);
    await page.keyboard.press('Space');
    expect(await selected()).toEqual(['a.txt']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(selected).toEqual(['a.txt', 'b.txt', 'c.txt']);
    await page.keyboard.press('Escape');
    await expect.poll(selected).toEqual([]);
    await page.keyboard.press('Control+a');
    await expect.poll(selected).toEqual(['a.txt', 'b.txt', 'c.txt', 'd.txt']);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Home');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'd.txt' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { name: 'Files' }).waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('b.t');
    await page.getByText('1 file found').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('4 files', { exact: true }).waitFor();
    expect(visitor.troubles).toEqual([]);
    await visitor.leave();
  });

  it('shares, and gives the focus back to where it was; shows the keys; goes from place to place', async () => {
    const [client, visitor] = await enter('keys2');
    const { page } = visitor;
    const file = await client.file('plan.txt', 'the plan');
    await page.reload();
    await page.locator('[role=row] a').first().waitFor();
    await tabTo(page, /^plan\.txt/);
    await page.keyboard.press('s');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, 'Uses');
    await page.keyboard.type('2');
    await tabTo(page, 'Make the link');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'The link is ready' }).waitFor();
    const [access] = (await client.get(`/api/files/${file.id}/accesses`)).body.accesses;
    expect(access).toMatchObject({ ttl: 2, enableTTL: true, public: true });
    expect((await fetch(access.link)).status).toBe(200);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('row');
    await page.keyboard.press('?');
    const help = page.getByRole('dialog', { name: 'Keys' });
    for (const what of ['Share the file', 'Select this file', 'Open the file']) await help.getByText(what).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    await page.getByRole('article', { name: 'plan.txt' }).waitFor();
    await tabTo(page, 'Close');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Close this link for good');
    await page.keyboard.press('Enter');
    await page.getByRole('article', { name: 'plan.txt' }).waitFor({ state: 'detached' });
    expect((await fetch(access.link)).status).toBe(404);
    expect(visitor.troubles).toEqual([]);
    await visitor.leave();
  });

  it('uploads, deletes, reads the receipt, ends other sessions, and deletes the account', async () => {
    const [client, visitor] = await enter('keys3');
    const { page } = visitor;
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await page.keyboard.press('u');
    await (await chooser).setFiles({ name: 'up.txt', mimeType: 'text/plain', buffer: Buffer.from('upwards') });
    await page.getByText('1 file uploaded').first().waitFor();
    await page.locator('[role=row] a').first().waitFor();
    await tabTo(page, /^up\.txt/);
    await page.keyboard.press('Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 file' }).waitFor();
    await tabTo(page, 'Delete 1 file');
    await page.keyboard.press('Enter');
    await page.getByText('1 file is gone').first().waitFor();
    await tabTo(page, 'Done');
    await page.keyboard.press('Enter');
    expect(await drive.blobs()).toMatchObject([{ key: 'keys1/a.txt' }, {}, {}, {}, { key: 'keys2/plan.txt' }]);
    await page.keyboard.press('3');
    await page.getByText('Gone', { exact: true }).waitFor();
    await page.keyboard.press('4');
    await page.getByText('This one').waitFor();
    await tabTo(page, 'End the session of node');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'End the session of node' }).waitFor({ state: 'detached' });
    expect((await client.get('/api/files')).status).toBe(401);
    await tabTo(page, 'Delete the account…');
    await page.keyboard.press('Enter');
    await tabTo(page, 'Your password');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    expect(await drive.probe.rows("SELECT id FROM users WHERE username = 'keys3'")).toEqual([]);
    expect(visitor.troubles).toEqual([]);
    await visitor.leave();
  });

  it('signs up, and shares for a day, with a password and an address', async () => {
    const visitor = await Visitor.enter(drive.url);
    const { page } = visitor;
    await visitor.go('/');
    await page.getByLabel('User name').waitFor();
    await press(page, 'Sign up');
    await type(page, 'User name', 'keys5');
    await type(page, 'Name', 'Keys Five');
    await type(page, 'E-mail', 'keys5@example.org');
    await type(page, 'Password', PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    const client = await drive.anonymous().logIn('keys5');
    const file = await client.file('plan.txt', 'the plan');
    await page.reload();
    await tabTo(page, /^plan\.txt/);
    await page.keyboard.press('s');
    await page.getByRole('dialog').waitFor();
    await tabTo(page, 'Works for');
    await page.keyboard.type('A day');
    await press(page, 'Password, addresses, name');
    await type(page, 'Password', 'open sesame');
    await type(page, 'Only from these addresses', '127.0.0.0/8');
    await press(page, 'Make the link');
    await page.getByRole('heading', { name: 'The link is ready' }).waitFor();
    const [access] = (await client.get(`/api/files/${file.id}/accesses`)).body.accesses;
    expect(access).toMatchObject({ hasPassword: true, subnets: ['127.0.0.0/8'], public: true });
    expect(new Date(access.expires).getTime() - Date.now()).toBeGreaterThan(86_000_000);
    expect(visitor.troubles).toEqual([]);
    await visitor.leave();
  });

  it('administers: looks, adds a person, finds one, sets limits and a password, disables and deletes', async () => {
    const [, visitor] = await enter('keys6');
    const { page } = visitor;
    const other = await drive.signUp('other6');
    await other.file('theirs.txt');
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = 'keys6'");
    await page.reload();
    await page.getByRole('link', { name: 'Admin' }).waitFor();
    await page.keyboard.press('5');
    await page.getByText('Removals waiting').waitFor();
    await press(page, 'People');
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor();
    await press(page, 'Add a person');
    await page.getByRole('dialog').waitFor();
    await type(page, 'User name', 'added6');
    await type(page, 'Name', 'Added Six');
    await type(page, 'E-mail', 'added6@example.org');
    await type(page, 'Password', PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await drive.anonymous().logIn('added6');
    await type(page, 'Search people', 'other6');
    await expect.poll(() => page.locator('main li').count()).toBe(1);
    const person = page.locator('main li');
    await press(page, 'Limits');
    await type(page, 'Files', '7');
    await press(page, 'Save');
    await person.getByText('1 file of 7').waitFor();
    await press(page, 'New password');
    await type(page, 'New password', 'another good password');
    await press(page, 'Save');
    await person.getByLabel('New password').waitFor({ state: 'detached' });
    await drive.anonymous().logIn('other6', 'another good password');
    expect((await other.get('/api/files')).status).toBe(401);
    await press(page, 'Disable');
    await person.getByText('Disabled').waitFor();
    await press(page, 'Delete…');
    await press(page, 'Delete other6 and 1 file');
    await page.getByText('Nobody has that in the name.').waitFor();
    expect(await drive.probe.rows("SELECT username FROM users WHERE username LIKE '%6' ORDER BY id")).toEqual([
      { username: 'keys6' },
      { username: 'added6' },
    ]);
    expect(visitor.troubles).toEqual([]);
    await visitor.leave();
  });
});
