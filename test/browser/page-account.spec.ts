import { beforeEach, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { visitorFixture } from '../support/visitor.js';

/** What people do with their accounts and an admin with the drive, by mouse; and what another window does meanwhile. */
describeWith('chromium', 'accounts in the page, by mouse', () => {
  const drive = driveFixture({ METRICS: 'on' });
  const visitor = visitorFixture(drive, { permissions: ['clipboard-read', 'clipboard-write'] });
  let alice: Client;
  let nth = 0;
  beforeEach(async () => {
    nth += 1;
    alice = await drive.signUp(`alice${nth}`);
  });

  it('changes name, language, look and password, ends the other session, makes and revokes a token', async () => {
    const { page } = visitor;
    await alice.file('mine.txt');
    await visitor.logIn(`alice${nth}`, '/account');
    await page.getByLabel('Name', { exact: true }).first().fill('Alice Liddell');
    await page.getByLabel('E-mail').fill('liddell@example.org');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    expect(await drive.probe.rows('SELECT name, email FROM users WHERE username = ?', [`alice${nth}`])).toEqual([
      { name: 'Alice Liddell', email: 'liddell@example.org' },
    ]);
    await page.getByLabel('Dark').check();
    expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe('dark');
    await page.getByLabel('Language', { exact: true }).selectOption('Deutsch');
    await page.getByRole('heading', { name: 'Konto', exact: true }).waitFor();
    await page.getByLabel('Sprache', { exact: true }).selectOption('English');
    await page.getByText('This one').waitFor();
    await page.getByRole('button', { name: 'End the session of node' }).click();
    await page.getByRole('button', { name: 'End the session of node' }).waitFor({ state: 'detached' });
    expect((await alice.get('/api/files')).status).toBe(401);
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByLabel('New password').fill('another good password');
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.getByText('The password is changed.').waitFor();
    await page.getByRole('button', { name: 'Make a token' }).click();
    await page.getByLabel('Name', { exact: true }).last().fill('Backup');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const token = await page.locator('.made code').innerText();
    expect((await fetch(`${drive.url}/api/files`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200);
    await page.getByRole('button', { name: 'Revoke' }).click();
    await page.getByRole('button', { name: 'Revoke “Backup”' }).click();
    await page.getByRole('button', { name: 'Revoke “Backup”' }).waitFor({ state: 'detached' });
    expect((await fetch(`${drive.url}/api/files`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  });

  it('deletes the account, with its files', async () => {
    const { page } = visitor;
    await alice.file('mine.txt');
    await visitor.logIn(`alice${nth}`, '/account');
    await page.getByRole('button', { name: 'Delete the account…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 file').waitFor();
    await dialog.getByLabel('Your password').fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Delete the account and everything in it' }).click();
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    expect(await drive.probe.rows('SELECT id FROM users WHERE username = ?', [`alice${nth}`])).toEqual([]);
    expect((await drive.blobs()).filter(({ key }) => key.startsWith(`alice${nth}/`))).toEqual([]);
  });

  it('shows an admin the drive, finds people, sets limits, disables, and deletes an account', async () => {
    const { page } = visitor;
    const other = await drive.signUp(`other${nth}`);
    await other.file('theirs.txt');
    await drive.probe.run("UPDATE users SET role = 'admin' WHERE username = ?", [`alice${nth}`]);
    await visitor.logIn(`alice${nth}`, '/admin');
    await page.getByText('Removals waiting').waitFor();
    await page.getByRole('heading', { name: 'Who takes the most room' }).waitFor();
    const tab = (name: string) => page.getByRole('main').getByRole('link', { name });
    await tab('People').click();
    await tab('Overview').click();
    // How many there are a minute is known at the second look.
    await page.getByRole('img', { name: /^Requests: [\d,]+ requests? a minute/ }).waitFor();
    await tab('People').click();
    await page.getByLabel('Search people').fill(`other${nth}`);
    const person = page.locator('main li').filter({ hasText: `other${nth}` });
    await expect.poll(() => page.locator('main li').count()).toBe(1);
    await person.getByRole('button', { name: 'Limits' }).click();
    await person.getByLabel('Files').fill('7');
    await person.getByRole('button', { name: 'Save' }).click();
    await person.getByText('1 file of 7').waitFor();
    const roles = () => drive.probe.rows('SELECT role FROM users WHERE username = ?', [`other${nth}`]);
    await person.getByRole('button', { name: 'Make an admin' }).click();
    await person.getByRole('button', { name: 'No longer an admin' }).waitFor();
    expect(await roles()).toEqual([{ role: 'admin' }]);
    await person.getByRole('button', { name: 'No longer an admin' }).click();
    await person.getByRole('button', { name: 'Make an admin' }).waitFor();
    expect(await roles()).toEqual([{ role: 'user' }]);
    await person.getByRole('button', { name: 'Disable' }).click();
    await person.getByText('Disabled').waitFor();
    expect((await other.get('/api/files')).status).toBe(401);
    await person.getByRole('button', { name: 'Delete…' }).click();
    await person.getByRole('button', { name: `Delete other${nth} and 1 file` }).click();
    await page.getByText('Nobody has that in the name.').waitFor();
    expect(await drive.probe.rows('SELECT id FROM users WHERE username = ?', [`other${nth}`])).toEqual([]);
  });

  it('is told what another window did, and goes on after a log-out elsewhere', async () => {
    const { page } = visitor;
    const file = await alice.file('twice.txt');
    await visitor.logIn(`alice${nth}`);
    const other = await visitor.window();
    for (const window of [page, other]) {
      await window.getByLabel('Select twice.txt').click();
      await window.getByRole('button', { name: 'Delete', exact: true }).click();
      await window.getByRole('dialog').getByRole('button', { name: 'Delete 1 file' }).waitFor();
    }
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 file' }).click();
    await page.getByText('1 file is gone').first().waitFor();
    await other.getByRole('dialog').getByRole('button', { name: 'Delete 1 file' }).click();
    await other.getByText('This file is no longer there.').waitFor();
    await other.getByRole('button', { name: 'Done' }).click();
    await other.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    await visitor.go(`/files/${file.id}`);
    await page.getByText('This file is no longer there.').waitFor();

    // All sessions end elsewhere; whoever was here logs in and is where he was.
    await drive.probe.run('DELETE FROM sessions');
    await other.getByRole('link', { name: 'Receipts' }).click();
    await other.getByText('Your session has ended. Log in, and go on where you were.').waitFor();
    await other.getByLabel('User name').fill(`alice${nth}`);
    await other.getByLabel('Password').fill(PASSWORD);
    await other.getByRole('button', { name: 'Log in' }).click();
    await other.getByRole('heading', { name: `File number ${file.id}` }).waitFor();
  });

  it('says that there is nothing at an address, and shows the way back', async () => {
    const { page } = visitor;
    await visitor.logIn(`alice${nth}`, '/no/such/place');
    await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
    await page.getByRole('link', { name: 'To your files' }).click();
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
  });
});
