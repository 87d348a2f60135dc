import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { temporaryDirectory } from '../support/drive.js';
import { describeWith } from '../support/engines.js';
import { openProbe, type Probe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { findViolations, removalsSettled, sha256 } from '../support/violations.js';
import { Visitor } from '../support/visitor.js';

const MIB = 1024 * 1024;
/** What a server is killed in the middle of, and its pace; `LONG=1` takes half a GiB. */
const [KILLED, PACE] = process.env.LONG === '1' ? [512 * MIB, 32 * MIB] : [48 * MIB, 6 * MIB];

describeWith('chromium', 'uploads in the page', () => {
  let environment: NodeJS.ProcessEnv;
  let server: Server;
  let visitor: Visitor;
  let page: Page;
  let alice: Client;
  let folder: string;
  let nth = 0;

  beforeAll(async () => {
    environment = await Server.environment({ LOG_LEVEL: 'silent', DEFAULT_MAX_STORAGE: String(2 ** 31) });
    server = await Server.start(environment);
    folder = temporaryDirectory();
  });
  afterAll(async () => {
    await server?.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
    rmSync(join(environment.DATA_DIR!, '..'), { recursive: true, force: true });
  });
  beforeEach(async () => {
    nth += 1;
    alice = await server.client.signUp(`alice${nth}`);
    visitor = await Visitor.enter(server.config.publicUrl);
    page = visitor.page;
    await visitor.logIn(`alice${nth}`);
  });
  afterEach(async () => {
    await visitor.leave();
    const probe: Probe = await openProbe(server.config);
    await removalsSettled(probe);
    expect(await findViolations(probe, server.config.dataDir)).toEqual([]);
    await probe.close();
  });

  /** A file on this machine's disk. */
  function onDisk(name: string, bytes: Uint8Array | string): string {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  }

  const choose = (...paths: string[]) => page.locator('input[type=file][multiple]').setInputFiles(paths);
  const tray = () => page.getByRole('region', { name: 'Uploads' });
  const row = (name: string): Locator => tray().getByRole('listitem').filter({ hasText: name });
  const filesOf = async (client: Client) =>
    Object.fromEntries((await client.get('/api/files?limit=200')).body.files.map((file: any) => [file.name, file]));

  /** Holds what the page sends back, so that there is a middle. Bytes a second. */
  async function throttle(bytes: number): Promise<() => Promise<unknown>> {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    const at = (uploadThroughput: number) =>
      session.send('Network.emulateNetworkConditions', {
        offline: false,
        latency: 0,
        downloadThroughput: -1,
        uploadThroughput,
      });
    await at(bytes);
    return () => at(-1);
  }

  /** Once some of it is with the server. */
  const underWay = (name: string) => expect.poll(() => row(name).innerText()).toMatch(/ MB of .*left/s);

  it('takes three files and a folder, an empty one among them, and shows them', async () => {
    const [a, b, empty] = [onDisk('a.txt', 'aaa'), onDisk('b.bin', randomBytes(300_000)), onDisk('empty', '')];
    onDisk('holiday/one.jpg', 'one');
    onDisk('holiday/deep/two.jpg', 'two');
    await choose(a, b, empty);
    await page.locator('input[webkitdirectory]').setInputFiles(join(folder, 'holiday'));
    await tray().getByText('5 files uploaded').waitFor();
    await expect.poll(() => page.locator('[role=row] a.cut').count()).toBe(5);
    const files = await filesOf(alice);
    expect(Object.keys(files).toSorted()).toEqual(['a.txt', 'b.bin', 'empty', 'one.jpg', 'two.jpg']);
    expect([files.empty.size, files['a.txt'].sha256]).toEqual([0, sha256(Buffer.from('aaa'))]);
    await tray().getByRole('link', { name: 'a.txt' }).click();
    await page.getByRole('heading', { name: 'a.txt' }).waitFor();
    expect(visitor.troubles).toEqual([]);
  });

  it('takes what is dropped anywhere, and a picture that is pasted', async () => {
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['dropped'], 'dropped.txt'));
      document.body.dispatchEvent(
        new DragEvent('dragover', { dataTransfer: transfer, bubbles: true, cancelable: true }),
      );
    });
    await page.getByText('Drop to upload').waitFor();
    await page.evaluate(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(['dropped'], 'dropped.txt'));
      document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
      const clipboard = new DataTransfer();
      clipboard.items.add(new File(['picture'], 'image.png', { type: 'image/png' }));
      document.body.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: clipboard, bubbles: true, cancelable: true }),
      );
    });
    await tray().getByText('2 files uploaded').waitFor();
    expect(Object.keys(await filesOf(alice)).toSorted()).toEqual([
      'dropped.txt',
      expect.stringMatching(/^image 20.*\.png$/),
    ]);
    expect(visitor.troubles).toEqual([]);
  });

  it('says of a refused file among twenty why, keeps both where a name is taken, and sends the rest', async () => {
    await alice.file('taken.txt', 'the first');
    const paths = Array.from({ length: 19 }, (_, n) => onDisk(`twenty-${n}.txt`, `number ${n}`));
    await choose(onDisk('taken.txt', 'the second'), ...paths);
    await tray().getByText('1 upload needs you').waitFor();
    await row('taken.txt').getByText('There is a file with this name already. It has not been touched.').waitFor();
    await row('taken.txt').getByRole('button', { name: 'Keep both' }).click();
    await tray().getByText('20 files uploaded').waitFor();
    const files = await filesOf(alice);
    expect(Object.keys(files)).toHaveLength(21);
    expect([files['taken.txt'].sha256, files['taken (2).txt'].sha256]).toEqual(
      ['the first', 'the second'].map((text) => sha256(Buffer.from(text))),
    );
  });

  it('refuses what does not fit before it is sent, and tries again when there is room', async () => {
    const probe = await openProbe(server.config);
    await probe.run('UPDATE users SET maxStorage = 1000 WHERE username = ?', [`alice${nth}`]);
    await choose(onDisk('large.bin', randomBytes(2_000)), onDisk('huge.bin', randomBytes(3_000)));
    await tray().getByText('2 uploads need you').waitFor();
    await row('large.bin').getByText('This file does not fit').waitFor();
    await probe.run('UPDATE users SET maxStorage = 100000 WHERE username = ?', [`alice${nth}`]);
    await probe.close();
    await tray().getByRole('button', { name: 'Retry all' }).click();
    await tray().getByText('2 files uploaded').waitFor();
    expect(Object.keys(await filesOf(alice))).toHaveLength(2);
  });

  it('pauses and resumes from where it was', async () => {
    const bytes = randomBytes(12 * MIB);
    const release = await throttle(2 * MIB);
    await choose(onDisk('film.bin', bytes));
    await underWay('film.bin');
    await page.getByRole('button', { name: 'Pause film.bin' }).click();
    await row('film.bin')
      .getByText(/Paused at/)
      .waitFor();
    await expect.poll(async () => (await alice.get('/api/uploads')).body.uploads[0]?.offset).toBeGreaterThan(0);
    await release();
    await page.getByRole('button', { name: 'Resume film.bin' }).click();
    await tray().getByText('1 file uploaded').waitFor();
    expect((await filesOf(alice))['film.bin'].sha256).toBe(sha256(bytes));
  });

  it('goes on by itself after kill -9 of the server, and after a reload of the page, to the same bytes', async () => {
    const bytes = randomBytes(KILLED);
    const release = await throttle(PACE);
    await choose(onDisk('killed.bin', bytes));
    await underWay('killed.bin');
    await server.kill('SIGKILL');
    await row('killed.bin').getByText('Goes on by itself.').waitFor();
    server = await Server.start(environment);
    await underWay('killed.bin');
    await page.reload();
    await underWay('killed.bin');
    await release();
    await tray().getByText('1 file uploaded').waitFor({ timeout: 60_000 });
    const files = await filesOf(alice);
    expect(files['killed.bin'].sha256).toBe(sha256(bytes));
    expect(Object.keys(files)).toEqual(['killed.bin']);
  }, 150_000);

  it('asks for a file that was changed on the disk, and takes no other for it', async () => {
    const bytes = randomBytes(8 * MIB);
    const release = await throttle(1 * MIB);
    const path = onDisk('changed.bin', bytes);
    await choose(path);
    await underWay('changed.bin');
    await page.getByRole('button', { name: 'Pause changed.bin' }).click();
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // a later time of change, to the second
    writeFileSync(path, 'something else');
    await release();
    await page.getByRole('button', { name: 'Resume changed.bin' }).click();
    await row('changed.bin').getByText('Your browser can no longer open this file').waitFor();
    const again = row('changed.bin').locator('input[type=file]');
    await again.setInputFiles(onDisk('other.bin', 'short'));
    await row('changed.bin').getByText('That is another file').waitFor();
    await again.setInputFiles(onDisk('copy.bin', bytes));
    await tray().getByText('1 file uploaded').waitFor();
    expect((await filesOf(alice))['changed.bin'].sha256).toBe(sha256(bytes));
  });

  it('stops an upload for good, and nothing of it stays', async () => {
    await throttle(1 * MIB);
    await choose(onDisk('stopped.bin', randomBytes(8 * MIB)));
    await underWay('stopped.bin');
    await page.getByRole('button', { name: 'Stop stopped.bin' }).click();
    await tray().waitFor({ state: 'detached' });
    await expect.poll(async () => (await alice.get('/api/uploads')).body.uploads).toEqual([]);
    expect(await filesOf(alice)).toEqual({});
  });
});
