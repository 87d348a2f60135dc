import { beforeAll, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { Visitor } from '../support/visitor.js';

const MANY = 20_000;
const name = (n: number) => `file-${String(n).padStart(6, '0')}.txt`;

describeWith('chromium', 'a list of very many files', () => {
  let visitor: Visitor;

  const drive = driveFixture({ DEFAULT_MAX_FILES: String(MANY * 2) }, { checked: 'never' });
  beforeAll(async () => {
    const alice = await drive.signUp('alice');
    await alice.file(name(0));
    // Rows without bytes of their own: this is about the list.
    const [row] = await drive.probe.rows<Record<string, string | number | null>>('SELECT * FROM files');
    const columns = Object.keys(row!).filter((column) => column !== 'id');
    const marks = `(${columns.map(() => '?').join(', ')})`;
    for (let from = 1; from < MANY; from += 500) {
      const rows = Array.from({ length: Math.min(500, MANY - from) }, (_, n) => ({
        ...row!,
        ...Object.fromEntries(
          ['name', 'nameKey', 'foldedName', 'storageKey'].map((column) => [column, name(from + n)]),
        ),
      }));
      await drive.probe.run(
        `INSERT INTO files (${columns.join(', ')}) VALUES ${rows.map(() => marks).join(', ')}`,
        rows.flatMap((one) => columns.map((column) => (one as typeof row)![column] ?? null)),
      );
    }
    await drive.probe.run('UPDATE users SET usedFiles = ?', [MANY]);
    visitor = await Visitor.enter(drive.url);
    // The rows have no bytes, which a look at one of them is told.
    visitor.forgive((trouble) => trouble.endsWith('/content'));
    await visitor.logIn('alice');
  });

  it('knows the count, has few rows in the document, and reaches both ends by End and Home', async () => {
    const { page } = visitor;
    await page.getByText('20,000 files', { exact: true }).waitFor();
    await page.getByLabel('Order').selectOption('Name, A to Z');
    const link = (n: number) => page.getByRole('link', { name: name(n), exact: true });
    await link(0).waitFor();
    await page.locator('[data-row="0"]').focus();
    await page.keyboard.press('End');
    await link(MANY - 1).waitFor();
    expect(await page.locator('[data-row]').count()).toBeLessThanOrEqual(60);
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-rowindex')))
      .toBe(String(MANY + 1));
    await page.keyboard.press('PageUp');
    await page.keyboard.press('Home');
    await link(0).waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe('0');
  });

  it('shows what a jump into the middle lands on, and is there again after a look at a file', async () => {
    const { page } = visitor;
    const scroller = page.locator('.scroller');
    await scroller.evaluate((element) => (element.scrollTop = 12_345 * 56));
    const link = page.getByRole('link', { name: name(12_350), exact: true });
    await link.click();
    await page.getByRole('heading', { name: name(12_350) }).waitFor();
    await page.goBack();
    await link.waitFor();
    expect(await scroller.evaluate((element) => element.scrollTop)).toBeGreaterThan(12_000 * 56);
  });

  it('selects all of them, also those that were never on the screen, and can be stopped', async () => {
    const { page } = visitor;
    await page.getByLabel('Search your files').fill('0001');
    await page.getByText(/^\d+ files found$/).waitFor();
    await page.locator('[data-row="0"]').focus();
    await page.keyboard.press('Control+a');
    const found = await page.getByText(/^\d+ files found$/).innerText();
    const count = found.split(' ')[0]!;
    await page.getByText(new RegExp(`^${count} files selected`)).waitFor();
    expect(Number(count)).toBeGreaterThan(100);
    await page.keyboard.press('Escape');
    await page.getByText(/files selected/).waitFor({ state: 'detached' });
  });
});
