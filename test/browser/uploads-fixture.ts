import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Client } from '../support/client.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { openProbe } from '../support/probe.js';
import { Server } from '../support/server.js';
import { findViolations, removalsSettled } from '../support/violations.js';
import { type Visitor, visitorFixture } from '../support/visitor.js';
import { throttle } from './line.js';

/** A built server with room for large uploads, and in each test somebody new who is logged in at its page. */
export class UploadsFixture {
  server!: Server;
  alice!: Client;
  private environment!: NodeJS.ProcessEnv;
  private folder!: string;
  private readonly visitor: Visitor;

  constructor() {
    beforeAll(() => this.open());
    afterAll(() => this.close());
    afterEach(() => this.look());
    this.visitor = visitorFixture(this);
    let nth = 0;
    beforeEach(async () => {
      this.alice = await this.server.client.signUp(`alice${(nth += 1)}`);
      await this.visitor.logIn(this.alice.username);
    });
  }

  get url(): string {
    return this.server.config.publicUrl;
  }

  get page(): Page {
    return this.visitor.page;
  }

  get tray(): Locator {
    return this.page.getByRole('region', { name: 'Uploads' });
  }

  row(name: string): Locator {
    return this.tray.getByRole('listitem').filter({ hasText: name });
  }

  /** A file on this machine's disk. @returns its path */
  onDisk(name: string, bytes: Uint8Array | string): string {
    const path = join(this.folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
    return path;
  }

  choose(...paths: string[]): Promise<void> {
    return this.page.locator('input[type=file][multiple]').setInputFiles(paths);
  }

  /** What she has, by name. */
  async files(): Promise<Record<string, any>> {
    const { files } = (await this.alice.get('/api/files?limit=200')).body;
    return Object.fromEntries(files.map((file: { name: string }) => [file.name, file]));
  }

  /** Holds what the page sends back. @param bytes a second @returns what lets it go */
  throttle(bytes: number): Promise<() => Promise<unknown>> {
    return throttle(this.page, bytes);
  }

  /** Once some of it is with the server. */
  async underWay(name: string): Promise<void> {
    await expect.poll(() => this.row(name).innerText()).toMatch(/ MB of .*left/s);
  }

  async kill(): Promise<void> {
    this.visitor.forgiveLostServer();
    await this.server.kill('SIGKILL');
  }

  async startAgain(): Promise<void> {
    this.server = await Server.start(this.environment);
  }

  private async open(): Promise<void> {
    this.environment = await Server.environment({ LOG_LEVEL: 'silent', DEFAULT_MAX_STORAGE: String(2 ** 31) });
    this.folder = temporaryDirectory();
    await this.startAgain();
  }

  private async close(): Promise<void> {
    await this.server?.kill('SIGTERM');
  }

  private async look(): Promise<void> {
    const probe = await openProbe(this.server.config);
    await removalsSettled(probe);
    expect(await findViolations(probe, this.server.config.dataDir)).toEqual([]);
    await probe.close();
  }
}
