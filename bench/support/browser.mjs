// Debian's Chromium, as a person has it, and as a phone on a slow line.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { commandPath } from './engines.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-sync'];
/** A quarter of this machine's speed, 10 Mbit/s and 40 ms there and back. */
const PHONE = {
  processor: 4,
  line: { offline: false, latency: 40, downloadThroughput: 1.25e6, uploadThroughput: 1.25e6 },
};

export function launch() {
  return chromium.launch({ executablePath: commandPath('chromium'), args: FLAGS });
}

/**
 * A browser's window that knows nothing yet.
 * @typedef {{ url: string, account: { username: string, password: string } }} Entered
 * @param {import('playwright-core').Browser} browser
 * @param {{ drive?: Entered, path?: string, phone?: boolean, script?: { work: (selector: string) => void, with: string } }} options
 * `drive` logs its owner in
 */
export async function openWindow(browser, { drive, path = '/', phone = false, script } = {}) {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-US' });
  if (drive) await context.addCookies([await sessionOf(drive)]);
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  if (phone) {
    await session.send('Network.emulateNetworkConditions', PHONE.line);
    await session.send('Emulation.setCPUThrottlingRate', { rate: PHONE.processor });
  }
  if (script) await page.addInitScript(script.work, script.with);
  // Told by the page itself: whoever asks it again and again first has it compile the program that asks, which takes a phone 120 ms.
  await session.send('Runtime.enable');
  await session.send('Runtime.addBinding', { name: 'tell' });
  const told = () =>
    new Promise((resolve) => session.once('Runtime.bindingCalled', (call) => resolve(Number(call.payload))));
  const close = () => context.close();
  return { page, session, go: (url) => page.goto(url + path), told, close };
}

async function sessionOf({ url, account }) {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/session`, { method: 'POST', headers, body: JSON.stringify(account) });
  if (answer.status !== 200) throw new Error(`${answer.status} from ${answer.url}`);
  const [name = '', value = ''] = answer.headers.getSetCookie()[0]?.split(';')[0]?.split('=') ?? [];
  return { name, value, url, httpOnly: true, sameSite: /** @type {const} */ ('Strict') };
}

/** In the page: tells when, in milliseconds from its beginning, something is there to be seen and used. */
export function tellWhenThere(selector) {
  const look = () => {
    const found = document.querySelector(selector);
    // After the frame in which it is painted.
    if (found?.checkVisibility())
      requestAnimationFrame(() => setTimeout(() => globalThis.tell(String(performance.now()))));
    else requestAnimationFrame(look);
  };
  look();
}

/** Counts the bytes over the wire, bodies as they were sent, of answers whose type matches. */
export function weigh(session, type) {
  const types = new Map();
  let bytes = 0;
  session.on('Network.responseReceived', ({ requestId, response }) => types.set(requestId, response.mimeType));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (type.test(types.get(requestId) ?? '')) bytes += encodedDataLength;
  });
  return () => bytes;
}

/** The processes in which pages run, which `page` runs among. */
export function renderers() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => /--type=renderer/.test(read(`/proc/${pid}/cmdline`)) && isOurs(pid));
}

/** Whether this process has started it, by however many others. */
function isOurs(pid) {
  for (let one = Number(pid); one > 1; one = Number(/\nPPid:\t(\d+)/.exec(read(`/proc/${one}/status`))?.[1] ?? 0)) {
    if (one === process.pid) return true;
  }
  return false;
}

/** From here on the kernel counts the most memory of these processes anew. @returns how many MiB they have now */
export function countAnew(pids) {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
  return peak(pids);
}

/** The most memory that these processes have had since the count began, in MiB. */
export function peak(pids) {
  return pids.reduce(
    (sum, pid) => sum + Number(/VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) / 1024,
    0,
  );
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}
