import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { driveFixture } from '../support/drive-fixture.js';
import { describeWith } from '../support/engines.js';
import { theBrowser } from '../support/visitor.js';

describeWith('chromium', 'Swagger UI in a browser', () => {
  let page: Page;
  const foreign: string[] = [];

  const drive = driveFixture();
  beforeAll(async () => {
    page = await (await theBrowser()).newPage();
    page.setDefaultTimeout(15_000);
    page.on('request', (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== drive.url)
        foreign.push(request.url());
    });
  });

  it('deletes a file by Authorize and Try it out, and says 404 the second time', async () => {
    const alice = await drive.signUp('alice');
    const file = await alice.file('hello.txt');
    expect(await drive.blobs()).toMatchObject([{ key: 'alice/hello.txt' }]);

    await page.goto(`${drive.url}/docs`);
    await authorize(page, alice.token!);
    const operation = await open(page, 'delete', '/api/files/{fileId}');
    await operation.getByPlaceholder('fileId').fill(String(file.id));

    expect(await execute(operation)).toEqual({ status: '200', body: { message: 'File deleted successfully' } });
    expect(await execute(operation)).toMatchObject({ status: '404', body: { error: 'File not found' } });

    expect(await drive.probe.rows('SELECT id FROM files')).toEqual([]);
    expect(await drive.blobs()).toEqual([]);
    expect(await drive.violations()).toEqual([]);
    expect(foreign).toEqual([]);
  });
});

async function authorize(page: Page, token: string): Promise<void> {
  await page.getByRole('button', { name: 'Authorize' }).click();
  const dialog = page.locator('.dialog-ux');
  await dialog.getByRole('textbox', { name: 'auth-bearer-value' }).fill(token);
  await dialog.getByRole('button', { name: 'Apply credentials' }).first().click();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
}

/** Unfolds an operation and presses "Try it out". */
async function open(page: Page, method: string, path: string): Promise<Locator> {
  const operation = page.locator(`.opblock-${method}`).filter({ has: page.locator(`[data-path="${path}"]`) });
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', { name: 'Try it out' }).click();
  return operation;
}

/** Presses "Execute", gives what the page then shows, and clears it, so that the next answer is surely a new one. */
async function execute(operation: Locator): Promise<{ status: string; body: unknown }> {
  await operation.getByRole('button', { name: 'Execute' }).click();
  const answer = operation.locator('.live-responses-table tbody tr').first();
  const status = await answer.locator('.response-col_status').innerText();
  const body = await answer.locator('code.language-json').innerText();
  await operation.getByRole('button', { name: 'Clear' }).click();
  await answer.waitFor({ state: 'detached' });
  return { status: status.trim(), body: JSON.parse(body) };
}
