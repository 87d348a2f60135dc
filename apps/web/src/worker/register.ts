import { default as address } from './worker.js?worker&url';

interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL: (url: string) => string },
  ): { createScriptURL(url: string): string };
}

/** Starts the service worker, where the browser has such a thing and the page is not being worked on. */
export async function registerWorker(): Promise<void> {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return;
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  const policy = trustedTypes?.createPolicy('defdrive-worker', { createScriptURL: (url) => url });
  // Without one the page works all the same; it only cannot say that it is offline after it was closed.
  await navigator.serviceWorker.register(policy?.createScriptURL(address) ?? address).catch(() => undefined);
}
