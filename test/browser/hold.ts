import type { Page } from 'playwright-core';

/** Holds every request to an address until it is let go. @returns what lets them go, and resolves once one has come */
export async function hold(page: Page, address: RegExp): Promise<{ come: Promise<void>; release: () => void }> {
  let release = (): void => undefined;
  let arrived = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const come = new Promise<void>((resolve) => (arrived = resolve));
  await page.route(address, async (route) => {
    arrived();
    await released;
    await route.continue();
  });
  return { come, release };
}
