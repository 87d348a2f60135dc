import { readFileSync } from 'node:fs';
import { beforeEach, expect, it } from 'vitest';
import { type Client, PASSWORD } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { DOT } from '../support/pictures.js';
import { visitorFixture } from '../support/visitor.js';
import { silence } from './film.js';

/** Each screen's task, by mouse. */
describeWith('chromium', 'the page, by mouse', () => {
  const drive = driveFixture();
  const visitor = visitorFixture(drive, { permissions: ['clipboard-read', 'clipboard-write'] });
  let alice: Client;
  let nth = 0;
  beforeEach(async () => {
    nth += 1;
    alice = await drive.signUp(`alice${nth}`);
  });

  it('signs up, logs out, says why a log-in failed, logs in, and is where it was', async () => {
    const { page } = visitor;
    await visitor.go('/links');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByLabel('User name').fill(`newcomer${nth}`);
    await page.getByLabel('Name', { exact: true }).fill('New Comer');
    await page.getByLabel('E-mail').fill('new@example.org');
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    expect(await drive.probe.rows('SELECT email FROM users WHERE username = ?', [`newcomer${nth}`])).toEqual([
      { email: 'new@example.org' },
    ]);
    expect(await page.evaluate(() => [document.cookie, Object.keys(localStorage)])).toEqual(['', []]);

    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('User name').fill(`newcomer${nth}`);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: 'User name or password is wrong' }).waitFor();
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Account', exact: true }).waitFor();
  });

  it('finds, sorts and selects files, one, many and a range, and shows what is left', async () => {
    const { page } = visitor;
    for (const name of ['c.txt', 'a.txt', 'b.pdf', 'd.txt']) await alice.file(name, name.repeat(10));
    await visitor.logIn(`alice${nth}`);
    const names = page.locator('[role=row] a.cut');
    await page.getByText('4 files', { exact: true }).waitFor();
    await page.getByLabel('Order').selectOption('Name, A to Z');
    await expect.poll(() => names.allInnerTexts()).toEqual(['a.txt', 'b.pdf', 'c.txt', 'd.txt']);
    await page.getByLabel('Search your files').fill('TXT');
    await expect.poll(() => names.allInnerTexts()).toEqual(['a.txt', 'c.txt', 'd.txt']);
    await page.getByText('3 files found').waitFor();
    await page.getByLabel('Select a.txt').click();
    await page.getByLabel('Select d.txt').click({ modifiers: ['Shift'] });
    await page.getByText('3 files selected, 150 byte').waitFor();
    await page.getByRole('button', { name: 'Select nothing' }).click();
    await page.getByLabel('Search your files').fill('nobody has this');
    await page.getByRole('heading', { name: 'No file has “nobody has this” in its name' }).waitFor();
    await page.getByRole('button', { name: 'Show all files' }).click();
    await expect.poll(() => names.count()).toBe(4);
    await page.getByText(/GB and 996 files left/).waitFor();
    // A row is a real link: it opens, and "back" comes back.
    await page.getByRole('link', { name: 'b.pdf', exact: true }).click();
    await page.getByRole('heading', { name: 'b.pdf' }).waitFor();
    await page.goBack();
    await expect.poll(() => names.count()).toBe(4);
  });

  it('shares in two clicks, and by expiry, uses, password and address; edits, checks and closes a link', async () => {
    const { page } = visitor;
    const file = await alice.file('plan.txt', 'the plan');
    await visitor.logIn(`alice${nth}`);
    await page.getByRole('button', { name: 'Share plan.txt' }).click();
    await page.getByRole('button', { name: 'Make the link' }).click();
    await page.getByRole('button', { name: 'Copy the link' }).click();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(await (await fetch(link)).text()).toBe('the plan');

    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Make another link' }).click();
    await dialog.getByLabel('Works for').selectOption('A day');
    await dialog.getByLabel('Uses').fill('3');
    await dialog.getByText('Password, addresses, name').click();
    await dialog.getByLabel('Password').fill('open sesame');
    await dialog.getByLabel('Only from these addresses').fill('127.0.0.0/8\n::1');
    await dialog.getByLabel('Name').fill('For Bob');
    await dialog.getByText('Anybody with the link and the password can download the file.').waitFor();
    await dialog.getByText('It works 3 times.').waitFor();
    await dialog.getByRole('button', { name: 'Make the link' }).click();
    await dialog.getByRole('heading', { name: 'For Bob' }).waitFor();
    const locked = await dialog.getByLabel('Link', { exact: true }).inputValue();
    expect((await fetch(locked)).status).toBe(401);
    expect((await fetch(locked, { headers: { 'x-link-password': 'open%20sesame' } })).status).toBe(200);
    const [row] = (await alice.get(`/api/files/${file.id}/accesses`)).body.accesses.filter(
      (one: { name: string }) => one.name,
    );
    expect(row).toMatchObject({ ttl: 3, enableTTL: true, ips: [], subnets: ['127.0.0.0/8', '::1/128'], uses: 1 });
    expect(new Date(row.expires).getTime() - Date.now()).toBeGreaterThan(86_000_000);
    await page.keyboard.press('Escape');

    await page.getByRole('link', { name: 'Links' }).click();
    const card = page.getByRole('article', { name: 'plan.txt · For Bob' });
    await card.getByText('Used 1 time').waitFor();
    await card.getByText('2 uses left').waitFor();
    await card.getByRole('button', { name: 'Would this address get in?' }).click();
    await card.getByLabel('Address').fill('192.0.2.1');
    await card.getByRole('button', { name: 'Would it get in?' }).click();
    await card.getByText('No, 192.0.2.1 would not get in.').waitFor();
    await card.getByRole('button', { name: 'Edit' }).click();
    await card.getByLabel('Uses').fill('5');
    await card.getByRole('button', { name: 'Save' }).click();
    await card.getByText('5 uses left').waitFor();
    await card.getByRole('button', { name: 'Close', exact: true }).click();
    await card.getByRole('button', { name: 'Close this link for good' }).click();
    await card.waitFor({ state: 'detached' });
    expect((await fetch(locked)).status).toBe(404);
    expect(await drive.probe.rows('SELECT id FROM accesses WHERE fileId = ?', [file.id])).toHaveLength(1);
  });

  it('says what a delete takes, deletes two at once, keeps the receipts, and the links are dead', async () => {
    const { page } = visitor;
    const [one, two] = [await alice.file('one.txt'), await alice.file('two.txt')];
    await alice.file('three.txt');
    await alice.put(`/api/files/${one.id}/access`, { public: true });
    const { link } = (await alice.post(`/api/files/${one.id}/accesses`, { public: true })).body;
    await visitor.logIn(`alice${nth}`);
    await page.getByLabel('Select one.txt').click();
    await page.getByLabel('Select two.txt').click();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 2 files and 1 link' }).click();
    await page.getByText('2 files are gone').first().waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save the receipts' }).click();
    const { receipts } = JSON.parse(readFileSync(await (await download).path(), 'utf8'));
    expect(receipts.map((receipt: any) => [receipt.fileId, receipt.sha256])).toEqual([
      [one.id, one.sha256],
      [two.id, two.sha256],
    ]);
    await page.getByRole('button', { name: 'Done' }).click();
    await expect.poll(() => page.locator('[role=row] a.cut').allInnerTexts()).toEqual(['three.txt']);
    expect((await drive.blobs()).filter(({ key }) => key.startsWith(`alice${nth}/`))).toMatchObject([
      { key: `alice${nth}/three.txt` },
    ]);
    expect((await fetch(link)).status).toBe(404);
    await drive.removalsSettled();
    await page.getByRole('link', { name: 'Receipts' }).click();
    await page.getByRole('heading', { name: `File number ${two.id}` }).waitFor();
    expect(await page.getByText('Gone', { exact: true }).count()).toBe(2);
  });

  it('shows a picture, seeks in a sound, reads a text and the facts of a file', async () => {
    const { page } = visitor;
    const picture = await alice.file('dot.png', new Uint8Array(DOT));
    const text = await alice.file('notes.txt', '<b>not bold</b>\n');
    await visitor.logIn(`alice${nth}`, `/files/${picture.id}`);
    await expect
      .poll(() => page.locator('img[alt="dot.png"]').evaluate((image) => (image as HTMLImageElement).naturalWidth))
      .toBe(1);
    await page.getByText(picture.sha256).waitFor();
    await page.getByRole('button', { name: 'Make public' }).click();
    await page.getByText('Public: its links work').waitFor();
    expect((await alice.get(`/api/files/${picture.id}`)).body.file.public).toBe(true);
    // A minute of silence is five megabytes, of which only a part is fetched.
    const sound = await alice.file('silence.wav', silence(60));
    await visitor.go(`/files/${sound.id}`);
    const part = page.waitForResponse(
      (response) => response.status() === 206 && !/bytes 0-/.test(response.headers()['content-range'] ?? ''),
    );
    const seconds = await page.locator('audio').evaluate(async (element) => {
      const audio = element as HTMLAudioElement;
      if (audio.readyState === 0)
        await new Promise((resolve) => audio.addEventListener('loadedmetadata', resolve, { once: true }));
      audio.currentTime = 50;
      await new Promise((resolve) => audio.addEventListener('seeked', resolve, { once: true }));
      return [Math.round(audio.duration), Math.round(audio.currentTime)];
    });
    expect(seconds).toEqual([60, 50]);
    await part;
    await visitor.go(`/files/${text.id}`);
    expect(await page.locator('pre').innerText()).toBe('<b>not bold</b>\n');
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    expect(readFileSync(await (await download).path(), 'utf8')).toBe('<b>not bold</b>\n');
  });
});
