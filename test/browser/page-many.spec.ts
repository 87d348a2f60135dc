import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeEach, expect, it } from 'vitest';
import type { Client } from '../support/client.js';
import { driveFixture } from '../support/drive-fixture.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { describeWith } from '../support/engines.js';
import { visitorFixture } from '../support/visitor.js';

describeWith('chromium', 'many files at once, and what becomes of links, by mouse', () => {
  const drive = driveFixture();
  const visitor = visitorFixture(drive);
  let page: Page;
  let alice: Client;
  let nth = 0;
  beforeEach(async () => {
    nth += 1;
    alice = await drive.signUp(`alice${nth}`);
    page = visitor.page;
  });

  const listed = async () => (await page.locator('[role=row] a.cut').allInnerTexts()).toSorted();

  it('takes three files and a folder with another in it, dropped at once from the disk', async () => {
    const folder = temporaryDirectory();
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'holiday/beach.txt', 'holiday/day 2/hill.txt']) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), `bytes of ${name}`);
    }
    await visitor.logIn(`alice${nth}`);
    await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
    const session = await page.context().newCDPSession(page);
    const files = ['a.txt', 'b.txt', 'c.txt', 'holiday'].map((name) => join(folder, name));
    const drag = (type: 'dragEnter' | 'dragOver' | 'drop') =>
      session.send('Input.dispatchDragEvent', {
        ...{ type, x: 600, y: 500 },
        data: { items: [], files, dragOperationsMask: 1 },
      });
    await drag('dragEnter');
    await drag('dragOver');
    await page.getByText('Drop to upload').waitFor();
    await drag('drop');
    await page.getByRole('region', { name: 'Uploads' }).getByText('5 files uploaded').waitFor();
    await expect.poll(listed).toEqual(['a.txt', 'b.txt', 'beach.txt', 'c.txt', 'hill.txt']);
    expect((await alice.get('/api/files?q=hill')).body.files).toMatchObject([
      { size: 'bytes of holiday/day 2/hill.txt'.length },
    ]);
  });

  it('downloads those that are selected as one ZIP', async () => {
    for (const name of ['one.txt', 'two.txt', 'three.txt']) await alice.file(name, `bytes of ${name}`);
    await visitor.logIn(`alice${nth}`);
    for (const name of ['one.txt', 'two.txt']) await page.getByLabel(`Select ${name}`).click();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download as ZIP' }).click();
    const path = await (await download).path();
    // They are kept in it as they are; that other programs can unpack it is shown elsewhere.
    const zip = readFileSync(path, 'latin1');
    const held = ['one.txt', 'two.txt', 'three.txt'].map((name) => zip.includes(`bytes of ${name}`));
    expect([zip.slice(0, 2), ...held]).toEqual(['PK', true, true, false]);
  });

  it('shows which links are open, and of those that have ended why', async () => {
    const shared = await alice.file('shared.txt');
    await alice.put(`/api/files/${shared.id}/access`, { public: true });
    const make = async (name: string, settings: Record<string, unknown>) =>
      (await alice.post(`/api/files/${shared.id}/accesses`, { public: true, name, ...settings })).body;
    await make('open', {});
    const { link } = await make('used', { enableTTL: true, ttl: 1 });
    await make('closed', { public: false });
    const { access } = await make('over', { expires: new Date(Date.now() + 3_600_000).toISOString() });
    await drive.probe.run('UPDATE accesses SET expiresAt = 1 WHERE id = ?', [access.id]);
    expect((await fetch(link)).status).toBe(200);
    await visitor.logIn(`alice${nth}`, '/links');
    const card = (name: string) => page.getByRole('article', { name: `shared.txt · ${name}` });
    await card('open').waitFor();
    await page.getByLabel('Ended', { exact: true }).check();
    await card('open').waitFor({ state: 'detached' });
    await card('used').getByText('All of its uses are taken.').waitFor();
    await card('closed').getByText('This link is switched off.').waitFor();
    await card('over').getByText('Its time is over.').waitFor();
    await page.getByLabel('Open', { exact: true }).check();
    await card('open').waitFor();
    expect(await page.getByRole('article').count()).toBe(1);
  });
});
