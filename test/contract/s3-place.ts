import { AppConfig } from '@app/config';
import { openDrivers } from '@app/storage';
import { BucketView } from '../support/bucket.js';
import { createBucket } from '../support/ceph.js';
import type { StoragePlace } from './stage.js';

/** @param store the URL of a store that takes new buckets */
export async function s3Place(store: string): Promise<StoragePlace> {
  const view = new BucketView(await createBucket(store));
  const config = new AppConfig({ STORAGE_URL: view.url });
  return {
    // Whole parts, and those on their way.
    mostHeld: 40 * 2 ** 20,
    open: async () => (await openDrivers(config)).storage,
    everything: async () => [...(await view.objects()), ...(await view.multiparts()).map((key) => `${key} (in parts)`)],
    keys: () => view.keys(),
    read: async (key) => (await view.bytes(key))?.toString('utf8'),
    plant: (key, bytes) => view.put(key, bytes),
    wipe: () => view.wipe(),
    async destroy() {
      await view.wipe();
      view.close();
    },
  };
}
