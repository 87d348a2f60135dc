import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWith } from '../support/engines.js';
import { sha256 } from '../support/violations.js';
import { UploadsFixture } from './uploads-fixture.js';

const MIB = 1024 * 1024;
/** What a server is killed in the middle of, and its pace; `LONG=1` takes half a GiB. */
const [KILLED, PACE] = process.env.LONG === '1' ? [512 * MIB, 32 * MIB] : [48 * MIB, 6 * MIB];

describeWith('chromium', 'uploads in the page that are interrupted', () => {
  const on = new UploadsFixture();

  it('pauses and resumes from where it was', async () => {
    const bytes = randomBytes(12 * MIB);
    const release = await on.throttle(2 * MIB);
    await on.choose(on.onDisk('film.bin', bytes));
    await on.underWay('film.bin');
    await on.page.getByRole('button', { name: 'Pause film.bin' }).click();
    await on
      .row('film.bin')
      .getByText(/Paused at/)
      .waitFor();
    await expect.poll(async () => (await on.alice.get('/api/uploads')).body.uploads[0]?.offset).toBeGreaterThan(0);
    await release();
    await on.page.getByRole('button', { name: 'Resume film.bin' }).click();
    await on.tray.getByText('1 file uploaded').waitFor();
    expect((await on.files())['film.bin'].sha256).toBe(sha256(bytes));
  });

  it('goes on by itself after kill -9 of the server, and after a reload of the page, to the same bytes', async () => {
    const bytes = randomBytes(KILLED);
    const release = await on.throttle(PACE);
    await on.choose(on.onDisk('killed.bin', bytes));
    await on.underWay('killed.bin');
    await on.kill();
    await on.row('killed.bin').getByText('Goes on by itself.').waitFor();
    await on.startAgain();
    await on.underWay('killed.bin');
    await on.page.reload();
    await on.underWay('killed.bin');
    await release();
    await on.tray.getByText('1 file uploaded').waitFor({ timeout: 60_000 });
    const files = await on.files();
    expect(files['killed.bin'].sha256).toBe(sha256(bytes));
    expect(Object.keys(files)).toEqual(['killed.bin']);
  }, 150_000);

  it('asks for a file that was changed on the disk, and takes no other for it', async () => {
    const bytes = randomBytes(8 * MIB);
    const release = await on.throttle(1 * MIB);
    const path = on.onDisk('changed.bin', bytes);
    await on.choose(path);
    await on.underWay('changed.bin');
    await on.page.getByRole('button', { name: 'Pause changed.bin' }).click();
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // a later time of change, to the second
    writeFileSync(path, 'something else');
    await release();
    await on.page.getByRole('button', { name: 'Resume changed.bin' }).click();
    await on.row('changed.bin').getByText('Your browser can no longer open this file').waitFor();
    const again = on.row('changed.bin').locator('input[type=file]');
    await again.setInputFiles(on.onDisk('other.bin', 'short'));
    await on.row('changed.bin').getByText('That is another file').waitFor();
    await again.setInputFiles(on.onDisk('copy.bin', bytes));
    await on.tray.getByText('1 file uploaded').waitFor();
    expect((await on.files())['changed.bin'].sha256).toBe(sha256(bytes));
  });

  it('stops an upload for good, and nothing of it stays', async () => {
    await on.throttle(1 * MIB);
    await on.choose(on.onDisk('stopped.bin', randomBytes(8 * MIB)));
    await on.underWay('stopped.bin');
    await on.page.getByRole('button', { name: 'Stop stopped.bin' }).click();
    await on.tray.waitFor({ state: 'detached' });
    await expect.poll(async () => (await on.alice.get('/api/uploads')).body.uploads).toEqual([]);
    expect(await on.files()).toEqual({});
  });
});
