import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
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
/** How browsers call a connection that a killed server leaves, at whichever step of a request it was. */
const OF_A_LOST_SERVER =
  /ERR_(CONNECTION_(REFUSED|RESET|CLOSED|ABORTED)|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED|CONTENT_LENGTH_MISMATCH|INCOMPLETE_CHUNKED_ENCODING)/;

let browser: Promise<Browser> | undefined;

/** The one browser of a file of tests: there from when it is first asked for until all have run. */
export function theBrowser(): Promise<Browser> {
  browser ??= chromium.launch({ executablePath: engine('chromium'), args: FLAGS });
  return browser;
}
afterAll(async () => (await browser)?.close());

/** Whoever was there since the last test. */
const visitors = new Set<Visitor>();
afterEach(() => {
  const troubles = [...visitors].flatMap((visitor) => visitor.troubles.splice(0));
  for (const visitor of visitors) if (!visitor.isThere) visitors.delete(visitor);
  expect(troubles).toEqual([]);
});

/** A person at a browser of his own, and everything that went wrong there unseen: of that is looked after each test. */
export class Visitor {
  /** Errors in the console and in scripts, refusals by the policy, requests to other hosts: none, in a page that is well. */
  readonly troubles: string[] = [];
  private readonly forgiven: ((trouble: string) => boolean)[] = [];
  private at: { readonly context: BrowserContext; readonly page: Page } | undefined;

  /** @param place where he goes to, once he enters */
  constructor(private readonly place: { readonly url: string }) {}

  static enter(url: string, options: BrowserContextOptions = {}): Promise<Visitor> {
    return new Visitor({ url }).enter(options);
  }

  get url(): string {
    return this.place.url;
  }

  get isThere(): boolean {
    return this.at !== undefined;
  }

  get context(): BrowserContext {
    return this.whereHeIs.context;
  }

  get page(): Page {
    return this.whereHeIs.page;
  }

  async enter(options: BrowserContextOptions = {}): Promise<this> {
    const viewport = { width: 1200, height: 800 };
    const context = await (await theBrowser()).newContext({ viewport, locale: 'en-US', ...options });
    this.at = { context, page: await context.newPage() };
    this.forgiven.length = 0;
    visitors.add(this);
    this.watch(this.page);
    return this;
  }

  /** What a test brings about itself is no trouble, before and from now on, until he enters again. */
  forgive(isMeant: (trouble: string) => boolean): void {
    this.forgiven.push(isMeant);
    for (const trouble of this.troubles.splice(0)) this.note(trouble);
  }

  /** To be called before the server is killed. */
  forgiveLostServer(): void {
    this.forgive((trouble) => OF_A_LOST_SERVER.test(trouble));
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
    await this.at?.context.close();
    this.at = undefined;
  }

  private get whereHeIs(): { readonly context: BrowserContext; readonly page: Page } {
    if (!this.at) throw new Error('The visitor is not there');
    return this.at;
  }

  private note(trouble: string): void {
    if (!this.forgiven.some((isMeant) => isMeant(trouble))) this.troubles.push(trouble);
  }

  private watch(page: Page): void {
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => this.note(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !OF_AN_ANSWER.test(message.text()))
        this.note(`${message.text()} ${message.location().url}`);
    });
    page.on('request', (request) => {
      const url = request.url();
      // What begins with `chrome` is the browser's own: its viewer of documents.
      const isOwn = /^(data|blob|chrome|chrome-extension):/.test(url);
      if (!isOwn && new URL(url).origin !== this.url) this.note(`foreign: ${url}`);
    });
  }
}

/**
 * In each test of the file, or of the `describe` that this is called in, another person, who leaves after it. He is there
 * when those `beforeEach` run that are registered later.
 */
export function visitorFixture(place: { readonly url: string }, options: BrowserContextOptions = {}): Visitor {
  const visitor = new Visitor(place);
  beforeEach(async () => void (await visitor.enter(options)));
  afterEach(() => visitor.leave());
  return visitor;
}
