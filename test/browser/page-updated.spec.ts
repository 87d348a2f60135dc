import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { stampOf } from '../../apps/web/stamp.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { Server } from '../support/server.js';
import { Visitor } from '../support/visitor.js';

const ROOT = join(import.meta.dirname, '../..');

/** A build of its own, which a test may change as the next release would. */
class Build {
  readonly directory = temporaryDirectory();
  readonly main = join(this.directory, 'dist/server/main.js');
  readonly page = join(this.directory, 'dist/apps/web');

  constructor() {
    mkdirSync(join(this.directory, 'dist/apps'), { recursive: true });
    for (const part of ['package.json', 'dist/server', 'dist/apps/web'])
      cpSync(join(ROOT, part), join(this.directory, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.directory, 'node_modules'));
  }

  get worker(): string {
    return readFileSync(join(this.page, 'worker.js'), 'utf8');
  }

  /** The next release: a page that differs in a word, stamped as the build does it. */
  change(): void {
    const before = stampOf(this.page);
    const document = join(this.page, 'index.html');
    writeFileSync(document, readFileSync(document, 'utf8').replace('<body>', '<body class="next">'));
    writeFileSync(join(this.page, 'worker.js'), this.worker.replaceAll(before, stampOf(this.page)));
    rmSync(join(this.page, 'worker.js.br'), { force: true });
  }
}

describeWith('chromium', 'an update of the page', () => {
  let build: Build;
  let environment: NodeJS.ProcessEnv;
  let server: Server;

  beforeEach(async () => {
    build = new Build();
    environment = await Server.environment({ LOG_LEVEL: 'silent', DEFDRIVE_MAIN: build.main });
    server = await Server.start(environment);
  });
  afterEach(async () => {
    await server?.kill('SIGTERM');
    for (const place of [join(environment.DATA_DIR!, '..'), build.directory])
      rmSync(place, { recursive: true, force: true });
  });

  it('is stamped into the worker, whatever of the page has changed', () => {
    const stamp = stampOf(build.page);
    expect(build.worker).toContain(`defdrive-page-${stamp}`);
    writeFileSync(join(build.page, 'icon.svg'), '<svg/>');
    expect(stampOf(build.page)).not.toBe(stamp);
  });

  it('reaches who has it installed: it opens without the server as it is now, and nothing of before is kept', async () => {
    const visitor = await Visitor.enter(server.config.publicUrl);
    const { page } = visitor;
    const caches = () => page.evaluate(() => globalThis.caches.keys());
    try {
      await server.client.signUp('alice');
      await visitor.logIn('alice');
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      const before = `defdrive-page-${stampOf(build.page)}`;
      expect(await caches()).toEqual([before]);

      await server.kill('SIGTERM');
      build.change();
      server = await Server.start(environment);
      await visitor.go('/');
      await expect.poll(caches).toEqual([`defdrive-page-${stampOf(build.page)}`]);

      visitor.forgiveLostServer();
      await server.kill('SIGKILL');
      await visitor.go('/links');
      await page.locator('body.next').getByText('The server cannot be reached.').waitFor();
    } finally {
      await visitor.leave();
    }
  });
});
