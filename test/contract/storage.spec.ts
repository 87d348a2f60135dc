import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppConfig } from '@app/config';
import { StorageModule, StorageService } from '@app/storage';
import { describeStorage, type StoragePlace } from './storage.contract.js';

/** The driver that the settings of the process choose, without a container for it. */
function openStorage(dataDir: string): StorageService {
  const [{ useFactory }] = Reflect.getMetadata('providers', StorageModule) as [
    { useFactory: (config: AppConfig) => StorageService },
  ];
  return useFactory(new AppConfig({ DATA_DIR: dataDir }));
}

/** All that is in a directory, directories with a slash at the end. */
async function listing(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return [];
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1) + (entry.isDirectory() ? '/' : ''))
    .toSorted();
}

async function localPlace(): Promise<StoragePlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'defdrive-'));
  const root = join(dataDir, 'uploads');
  const everything = () => listing(root);
  return {
    open: () => openStorage(dataDir),
    everything,
    keys: async () => (await everything()).filter((entry) => !entry.startsWith('.') && !entry.endsWith('/')),
    read: (key) => readFile(join(root, key), 'utf8').catch(() => undefined),
    async plant(key, bytes) {
      await mkdir(dirname(join(root, key)), { recursive: true, mode: 0o700 });
      await writeFile(join(root, key), bytes);
    },
    async wipe() {
      await rm(root, { recursive: true });
      await mkdir(root);
    },
    destroy: () => rm(dataDir, { recursive: true }),
  };
}

describeStorage('the storage on the local disk', localPlace);
