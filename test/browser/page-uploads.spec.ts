import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { openProbe } from '../support/probe.js';
import { sha256 } from '../support/violations.js';
import { UploadsFixture } from './uploads-fixture.js';

describeWith('chromium', 'uploads in the page', () => {
  const on = new UploadsFixture();

  it('takes three files and a folder, an empty one among them, and shows them', async () => {
    const [a, b, empty] = [on.onDisk('a.txt', 'aaa'), on.onDisk('b.bin', randomBytes(300_000)), on.onDisk('empty', '')];
    const holiday = join(on.onDisk('holiday/one.jpg', 'one'), '..');
    on.onDisk('holiday/deep/two.jpg', 'two');
    await on.choose(a, b, empty);
    await on.page.locator('input[webkitdirectory]').setInputFiles(holiday);
    await on.tray.getByText('5 files uploaded').waitFor();
    await expect.poll(() => on.page.locator('[role=row] a.cut').count()).toBe(5);
    const files = await on.files();
    expect(Object.keys(files).toSorted()).toEqual(['a.txt', 'b.bin', 'empty', 'one.jpg', 'two.jpg']);
    expect([files.empty.size, files['a.txt'].sha256]).toEqual([0, sha256(Buffer.from('aaa'))]);
    await on.tray.getByRole('link', { name: 'a.txt' }).click();
    await on.page.getByRole('heading', { name: 'a.txt' }).waitFor();
  });

  it('takes what is dropped anywhere, and a picture that is pasted', async () => {
    await on.page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['dropped'], 'dropped.txt'));
      document.body.dispatchEvent(
        new DragEvent('dragover', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    });
    await on.page.getByText('Drop to upload').waitFor();
    await on.page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['dropped'], 'dropped.txt'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      const clipboard = new DataTransfer();
      clipboard.items.add(new File(['picture'], 'image.png', { type: 'image/png' }));
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }),
      );
    });
    await on.tray.getByText('2 files uploaded').waitFor();
    expect(Object.keys(await on.files()).toSorted()).toEqual([
      'dropped.txt',
      expect.stringMatching(/^image 20.*\.png$/),
    ]);
  });

  it('says of a refused file among twenty why, keeps both where a name is taken, and sends the rest', async () => {
    await on.alice.file('taken.txt', 'the first');
    const paths = Array.from({ length: 19 }, (_, n) => on.onDisk(`twenty-${n}.txt`, `number ${n}`));
    await on.choose(on.onDisk('taken.txt', 'the second'), ...paths);
    await on.tray.getByText('1 upload needs you').waitFor();
    await on.row('taken.txt').getByText('There is a file with this name already. It has not been touched.').waitFor();
    await on.row('taken.txt').getByRole('button', { name: 'Keep both' }).click();
    await on.tray.getByText('20 files uploaded').waitFor();
    const files = await on.files();
    expect(Object.keys(files)).toHaveLength(21);
    expect([files['taken.txt'].sha256, files['taken (2).txt'].sha256]).toEqual(
      ['the first', 'the second'].map((text) => sha256(Buffer.from(text))),
    );
  });

  it('refuses what does not fit before it is sent, and tries again when there is room', async () => {
    const probe = await openProbe(on.server.config);
    await probe.run('UPDATE users SET maxStorage = 1000 WHERE username = ?', [on.alice.username]);
    await on.choose(on.onDisk('large.bin', randomBytes(2_000)), on.onDisk('huge.bin', randomBytes(3_000)));
    await on.tray.getByText('2 uploads need you').waitFor();
    await on.row('large.bin').getByText('This file does not fit').waitFor();
    await probe.run('UPDATE users SET maxStorage = 100000 WHERE username = ?', [on.alice.username]);
    await probe.close();
    await on.tray.getByRole('button', { name: 'Retry all' }).click();
    await on.tray.getByText('2 files uploaded').waitFor();
    expect(Object.keys(await on.files())).toHaveLength(2);
  });
});
