import { SHARED_CACHE } from '../worker/caches.js';
import type { Chosen } from './upload.svelte.js';

/** Takes what another program of the device has shared with this page. */
export async function takeShared(): Promise<Chosen[]> {
  if (!('caches' in globalThis) || !(await caches.has(SHARED_CACHE))) return [];
  const cache = await caches.open(SHARED_CACHE);
  const chosen: Chosen[] = [];
  for (const request of await cache.keys()) {
    const response = await cache.match(request);
    const name = decodeURIComponent(request.url.split('/').at(-1)!);
    if (response) chosen.push({ file: new File([await response.blob()], name), folder: '' });
    await cache.delete(request);
  }
  return chosen;
}
