import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll } from 'vitest';
import { PASSWORD } from './client.js';
import { engine } from './engines.js';

/** A browser that runs as root, without a display, and asks nobody for anything. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The browser itself says so of each answer that is no success; whether one was expected is the test's to know. */
const OF_AN_ANSWER = /^Failed to load resource: the server responded with a status of 4\d\d/;

let browser: Promise<Browser> | undefined;

/** The one browser of a file of tests: there from when it is first asked for until all have run. */
export function theBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: engine('chromium'), args: FLAGS });
  return browser;
}
afterAll(async () => (await browser)?.close());

/** A person at a browser of his own, and everything that went wrong there unseen. */
export class Visitor {
  /** Errors in the console and in scripts, refusals by the policy, requests to other hosts: none, in a page that is well. */
  readonly troubles: string[] = [];

  private constructor(
    readonly url: string,
    readonly context: BrowserContext,
    readonly page: Page,
  ) {}

  static async enter(url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    const viewport = { width: 1200, height: 800 };
    const context = await (await theBrowser()).newContext({ viewport, locale: 'en-US', ...options });
    const visitor = new Visitor(url, context, await context.newPage());
    visitor.watch(visitor.page);
    return visitor;
  }

  /** Another window of the same person. */
  async window(path = '/'): Promise<Page> {
    const page = await this.context.newPage();
    this.watch(page);
    await page.goto(`${this.url}${path}`);
    return page;
  }

  async go(path: string): Promise<void> {
    await this.page.goto(`${this.url}${path}`);
  }

  async logIn(username: string, path = '/'): Promise<void> {
    await this.go(path);
    await this.page.getByLabel('User name').fill(username);
    await this.page.getByLabel('Password').fill(PASSWORD);
    await this.page.getByRole('button', { name: 'Log in' }).click();
    await this.page.getByRole('navigation', { name: 'Places' }).waitFor();
  }

  /** What axe finds on what is shown, each with the elements at fault. The context must have been made with `bypassCSP`. */
  async violations(): Promise<string[]> {
    await this.page.evaluate(AXE);
    return this.page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      interface Violation {
        id: string;
        nodes: { target: unknown[]; failureSummary?: string }[];
      }
      const { violations } = await axe.run();
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary ?? ''}`),
      );
    });
  }

  async leave(): Promise<void> {
    await this.context.close();
  }

  private watch(page: Page): void {
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.troubles.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !OF_AN_ANSWER.test(message.text()))
        this.troubles.push(`${message.text()} ${message.location().url}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!/^(data|blob):/.test(url) && new URL(url).origin !== this.url) this.troubles.push(`foreign: ${url}`);
    });
  }
}
