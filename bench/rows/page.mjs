// The page in a browser: what it weighs, how soon it is there, how it scrolls, and what an upload takes of its memory.
import { openSync, closeSync, ftruncateSync } from 'node:fs';
import { join } from 'node:path';
import { row } from '../support/bench.mjs';
import { countAnew, launch, tellWhenThere, openWindow, peak, renderers, weigh } from '../support/browser.mjs';
import { Drive } from '../support/drive.mjs';
import { quantile } from '../support/statistics.mjs';

const lower = { better: /** @type {const} */ ('lower'), needs: ['chromium'] };
const ROWS = {
  weight: row('page: script and style of the first load, KiB over the wire', 60, lower),
  link: row('page of a link, all of it, KiB over the wire', 10, lower),
  phone: row('page: ms to the log-in on a throttled phone, nothing cached', 1000, lower),
  phoneRows: row('page: ms to the first files on a throttled phone, nothing cached', 1000, lower),
  many: row('page: ms to the first rows, 1e5 files : 100', 1.2, lower),
  frames: row('page: scrolling 1e5 files, p95 of a frame in ms', 25, lower),
  inDocument: row('page: rows in the document while scrolling 1e5 files', 60, lower),
  memory: row('page: memory while 2 GiB are uploaded, MiB above the start', 64, { ...lower, full: true }),
};
const KIB = 1024;
const TEXT = /javascript|css/;
const FIRST_FILE = '[role=row] a';

export const rows = Object.values(ROWS);

export async function run(bench) {
  const few = await Drive.start(bench, 'page-few');
  const [first] = await few.seed(100, { blobs: false });
  const browser = await launch();
  await weights(bench, browser, few, first);
  const there = (drive, selector, phone) => () => timeUntilThere(browser, drive, selector, phone);
  await bench.repeat(ROWS.phone, () => timeUntilThere(browser, { url: few.url }, '[name=username]', true));
  await bench.repeat(ROWS.phoneRows, there(few, FIRST_FILE, true));
  if (bench.wants(ROWS.many, ROWS.frames, ROWS.inDocument)) {
    const many = await Drive.start(bench, 'page-many');
    await many.seed(100_000, { blobs: false });
    await bench.compare(ROWS.many, there(many, FIRST_FILE, false), there(few, FIRST_FILE, false));
    if (bench.wants(ROWS.frames, ROWS.inDocument)) await scrolling(bench, browser, many);
    await many.stop();
  }
  if (bench.wants(ROWS.memory)) await memory(bench, browser, few);
  await browser.close();
  await few.stop();
}

async function weights(bench, browser, drive, fileId) {
  const weightOf = async (path, type, selector, owner) => {
    const window = await openWindow(browser, { drive: owner, path });
    const weight = weigh(window.session, type);
    await window.go(drive.url);
    await window.page.locator(selector).first().waitFor();
    await window.page.waitForLoadState('networkidle');
    await window.close();
    return weight() / KIB;
  };
  await bench.repeat(ROWS.weight, () => weightOf('/', TEXT, FIRST_FILE, drive));
  if (!bench.wants(ROWS.link)) return;
  const { link } = await drive.send('POST', `/api/files/${fileId}/accesses`, { public: true });
  await bench.repeat(ROWS.link, () => weightOf(new URL(link).pathname, /./, 'main button, main a'));
}

/** Milliseconds from the navigation's beginning until it is there, in a browser that has nothing of it. */
async function timeUntilThere(browser, drive, selector, phone) {
  const script = { work: tellWhenThere, with: selector };
  const window = await openWindow(browser, { drive: drive.account && drive, phone, script });
  const there = window.told();
  await window.go(drive.url);
  const milliseconds = await there;
  await window.close();
  return milliseconds;
}

/** A person who turns the wheel for three seconds, and then drags to somewhere else, again and again. */
async function scrolling(bench, browser, drive) {
  const window = await openWindow(browser, { drive });
  await window.go(drive.url);
  await window.page.locator(FIRST_FILE).first().waitFor();
  let most = 0;
  await bench.repeat(ROWS.frames, async () => {
    const { frames, rows: inDocument } = await window.page.evaluate(scroll);
    most = Math.max(most, inDocument);
    return quantile(frames, 0.95);
  });
  if (bench.wants(ROWS.inDocument)) bench.record(ROWS.inDocument, [most]);
  await window.close();
}

/** In the page. @returns the milliseconds of each frame, and the most rows that were in the document */
async function scroll() {
  const scroller = document.querySelector('.scroller') ?? document.body;
  const frames = [];
  let most = 0;
  let before = await new Promise(requestAnimationFrame);
  for (let n = 0; n < 240; n += 1) {
    if (n % 60 === 59) scroller.scrollTop = Math.random() * scroller.scrollHeight;
    else scroller.scrollTop += 180;
    const now = await new Promise(requestAnimationFrame);
    frames.push(now - before);
    before = now;
    most = Math.max(most, document.querySelectorAll('[data-row]').length);
  }
  return { frames, rows: most };
}

/** Two files, as one that is larger than 1 GiB is not kept by the browser, and a smaller one is. */
async function memory(bench, browser, drive) {
  const window = await openWindow(browser, { drive });
  await window.go(drive.url);
  await window.page.locator(FIRST_FILE).first().waitFor();
  const input = window.page.locator('input[type=file][multiple]');
  const send = async (name, size) => {
    const path = join(bench.directory, name);
    const file = openSync(path, 'w');
    ftruncateSync(file, size);
    closeSync(file);
    await input.setInputFiles(path);
    await window.page.getByRole('link', { name }).first().waitFor({ timeout: 300_000 });
  };
  await send('warm.bin', 64 * KIB * KIB);
  const pids = renderers();
  const before = countAnew(pids);
  await send('large.bin', 2 * KIB * KIB * KIB);
  bench.record(ROWS.memory, [peak(pids) - before]);
  await window.close();
}
