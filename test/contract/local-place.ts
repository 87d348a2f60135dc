import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { AppConfig } from '@app/config';
import { openDrivers, type StorageService } from '@app/storage';
import type { StoragePlace } from './stage.js';

/** The driver that the server uses on a data directory, without a container for it. */
export async function openLocal(dataDir: string): Promise<StorageService> {
  return (await openDrivers(new AppConfig({ DATA_DIR: dataDir }))).storage;
}

/** All that is in a directory, directories with a slash at the end. */
export async function listing(directory: string): Promise<string[]> {
  if (!existsSync(directory)) return [];
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  return entries
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1) + (entry.isDirectory() ? '/' : ''))
    .toSorted();
}

export async function localPlace(): Promise<StoragePlace> {
  const dataDir = await mkdtemp(join(tmpdir(), 'defdrive-'));
  const root = join(dataDir, 'uploads');
  const everything = () => listing(root);
  return {
    open: () => openLocal(dataDir),
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
