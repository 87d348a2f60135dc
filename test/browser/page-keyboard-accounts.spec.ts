import { expect, it } from 'vitest';
import { PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { deleteTheAccount, endTheOtherSession, enter, press, tabTo, type } from './keyboard.js';

/** What ends accounts, and who looks after them, without a mouse: see `page-keyboard.spec.ts`. */
describeWith('chromium', 'accounts, by keyboard alone', () => {
  const drive = driveFixture();

  it('uploads, deletes, reads the receipt, ends other sessions, and deletes the account', async () => {
    const [client, visitor] = await enter(drive, 'keys3');
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
    expect(await drive.blobs()).toEqual([]);
    await drive.removalsSettled();
    await page.keyboard.press('3');
    await page.getByText('Gone', { exact: true }).waitFor();
    await endTheOtherSession(page);
    expect((await client.get('/api/files')).status).toBe(401);
    await deleteTheAccount(page);
    expect(await drive.probe.rows("SELECT id FROM users WHERE username = 'keys3'")).toEqual([]);
    await visitor.leave();
  });

  it('administers: looks, adds a person, finds one, sets limits and a password, disables and deletes', async () => {
    const [, visitor] = await enter(drive, 'keys6');
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
    await visitor.leave();
  });
});
