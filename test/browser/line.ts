import type { Page } from 'playwright-core';

/** Holds what a page sends back, so that there is a middle. @param bytes a second @returns what lets it go */
export async function throttle(page: Page, bytes: number): Promise<() => Promise<unknown>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const line = { offline: false, latency: 0, downloadThroughput: -1 };
  const at = (uploadThroughput: number) =>
    session.send('Network.emulateNetworkConditions', { ...line, uploadThroughput });
  await at(bytes);
  return () => at(-1);
}
