import type { KeptUpload, Upload } from './upload.svelte.js';

/** Bytes of a file that is kept itself where there is no handle to it; a larger one has to be chosen again. */
const KEPT_FILE = 1024 ** 3;
const STORE = 'uploads';
let opened: Promise<IDBDatabase> | undefined;
const releases = new Map<string, () => void>();

/** The browser's database; none in a window that keeps nothing. */
function open(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('defdrive', 1);
    request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE, { keyPath: 'key' }));
    request.addEventListener('success', () => resolve(request.result));
    request.addEventListener('error', () => reject(request.error as Error));
  });
  return opened;
}

async function run<Result>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<Result>) {
  const database = await open();
  return new Promise<Result>((resolve, reject) => {
    const transaction = database.transaction(STORE, mode);
    const request = work(transaction.objectStore(STORE));
    transaction.addEventListener('complete', () => resolve(request.result));
    transaction.addEventListener('abort', () => reject(transaction.error as Error));
  });
}

/** Whether a reload will find it again without asking for the file. */
export const outlivesReload = ({ handle, size }: Upload): boolean => handle !== undefined || size <= KEPT_FILE;

/** Writes it down for a later visit. Where that fails, the upload goes on all the same. */
export async function keep(upload: Upload): Promise<void> {
  const { key, userId, name, folder, size, lastModified, url, handle } = upload;
  const paused = upload.state === 'paused';
  const file = !handle && size <= KEPT_FILE ? upload.file : undefined;
  const kept: KeptUpload = { key, userId, name, folder, size, lastModified, url, handle, file, paused };
  await run('readwrite', (store) => store.put(kept)).catch(() => undefined);
}

export async function forget({ key }: Upload): Promise<void> {
  releases.get(key)?.();
  releases.delete(key);
  await run('readwrite', (store) => store.delete(key)).catch(() => undefined);
}

/** Those of a user that no other window is at work on. */
export async function keptOf(userId: number): Promise<KeptUpload[]> {
  const all = await run<KeptUpload[]>('readonly', (store) => store.getAll()).catch(() => []);
  const mine = all.filter((kept) => kept.userId === userId);
  const claimed = await Promise.all(mine.map(({ key }) => claim(key)));
  return mine.filter((_, n) => claimed[n]);
}

/** Takes an upload for this window, for as long as it is open. @returns false where another one has it */
export function claim(key: string): Promise<boolean> {
  if (releases.has(key) || !navigator.locks) return Promise.resolve(!releases.has(key));
  return new Promise((resolve) => {
    void navigator.locks.request(`defdrive-upload-${key}`, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : new Promise<void>((release) => releases.set(key, release));
    });
  });
}
