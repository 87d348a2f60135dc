import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { describeWith } from '../support/engines.js';
import { Server } from '../support/server.js';
import { visitorFixture } from '../support/visitor.js';

describeWith('chromium', 'the page, installed', () => {
  let environment: NodeJS.ProcessEnv;
  let server: Server;
  let page: Page;
  let alice: Client;
  let nth = 0;

  beforeAll(async () => {
    environment = await Server.environment({ LOG_LEVEL: 'silent' });
    server = await Server.start(environment);
  });
  afterAll(() => server?.kill('SIGTERM'));
  const visitor = visitorFixture({
    get url() {
      return server.config.publicUrl;
    },
  });
  beforeEach(async () => {
    nth += 1;
    alice = await server.client.signUp(`alice${nth}`);
    page = visitor.page;
    await visitor.logIn(`alice${nth}`);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  });

  /** What a phone does with what another program shares: a form, posted to the page's own address. */
  const share = (fields: Record<string, string>, files: Record<string, string> = {}) =>
    page.evaluate(
      ([fields, files]) => {
        const form = document.createElement('form');
        Object.assign(form, { action: './shared', method: 'post', enctype: 'multipart/form-data' });
        for (const [name, value] of Object.entries(fields!)) {
          const input = Object.assign(document.createElement('input'), { type: 'hidden', name, value });
          form.append(input);
        }
        const transfer = new DataTransfer();
        for (const [name, text] of Object.entries(files!)) transfer.items.add(new File([text], name));
        const input = Object.assign(document.createElement('input'), { type: 'file', name: 'files', multiple: true });
        input.files = transfer.files;
        if (transfer.files.length > 0) form.append(input);
        document.body.append(form);
        form.submit();
      },
      [fields, files],
    );
  const contentOf = async (name: string) => {
    const { files } = (await alice.get(`/api/files?q=${encodeURIComponent(name)}`)).body;
    return Promise.all(
      files.map(async ({ id }: { id: number }) => (await alice.fetch(`/api/files/${id}/content`)).text()),
    );
  };

  it('can be: its manifest is whole, its icons are there, and it takes what other programs share', async () => {
    const session = await page.context().newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // A window that leaves nothing behind cannot install anything, whatever the page is like.
    const errors = installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito');
    expect(errors).toEqual([]);
    const { errors: faults, data } = await session.send('Page.getAppManifest');
    expect(faults).toEqual([]);
    const { icons, share_target: target } = JSON.parse(data!);
    for (const { src, sizes } of icons) {
      const [width] = await page.evaluate(async (address) => {
        const image = Object.assign(new Image(), { src: address });
        await image.decode();
        return [image.naturalWidth];
      }, src);
      if (sizes !== 'any') expect(`${width}x${width}`).toBe(sizes);
    }
    expect(target).toMatchObject({ action: './shared', method: 'POST', enctype: 'multipart/form-data' });
  });

  it('opens without the server at any of its addresses, says so, and goes on when the server is back', async () => {
    await alice.file('mine.txt');
    await visitor.go('/links');
    await page.getByRole('heading', { name: 'Links' }).waitFor();
    visitor.forgiveLostServer();
    await server.kill('SIGKILL');
    for (const path of ['/', '/links', '/admin/people']) {
      await visitor.go(path);
      await page.getByRole('alert').getByText('The server cannot be reached.').waitFor();
      await page.getByRole('alert').getByText('Is your device online?').waitFor();
    }
    await visitor.go('/');
    await page.getByRole('button', { name: 'Try again' }).waitFor();
    // Nothing of a person's is kept for it: the page itself, and that is all.
    const kept = await page.evaluate(async () => {
      const names = await caches.keys();
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => new URL(url).pathname);
    });
    expect(kept).toContain('/');
    expect(kept.filter((path) => path !== '/' && !path.startsWith('/assets/'))).toEqual([]);
    server = await Server.start(environment);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('link', { name: 'mine.txt', exact: true }).waitFor();
  });

  it('still tells who goes astray so, in the page', async () => {
    const response = await page.goto(`${visitor.url}/no/such/place`);
    expect([response!.status(), response!.fromServiceWorker()]).toEqual([404, true]);
    await page.getByRole('heading', { name: 'There is nothing at this address' }).waitFor();
  });

  it('uploads what another program shares, files or a text', async () => {
    await share({}, { 'from the camera.jpg': 'a picture', 'größe 1.txt': 'a note' });
    await page.getByText('2 files uploaded').first().waitFor();
    expect(await contentOf('from the camera.jpg')).toEqual(['a picture']);
    expect(await contentOf('größe 1.txt')).toEqual(['a note']);
    await share({ title: 'A page', text: '', url: 'https://example.org/' });
    await page.getByText('1 file uploaded').first().waitFor();
    expect(await contentOf('shared.txt')).toEqual(['A page\nhttps://example.org/']);
    // Taken once, and no more at the next visit.
    await page.reload();
    await page.getByText('3 files', { exact: true }).waitFor();
    expect(await page.evaluate(async () => (await (await caches.open('defdrive-shared')).keys()).length)).toBe(0);
  });

  it('keeps what is shared with it until somebody has logged in', async () => {
    await page.getByRole('link', { name: 'Account' }).click();
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByLabel('User name').waitFor();
    await share({}, { 'later.txt': 'kept for you' });
    await page.getByRole('heading', { name: 'Welcome' }).waitFor();
    await visitor.logIn(`alice${nth}`);
    await page.getByText('1 file uploaded').first().waitFor();
    expect(await contentOf('later.txt')).toEqual(['kept for you']);
  });
});
