import type { Upload } from './upload.svelte.js';

type AskableHandle = FileSystemFileHandle & {
  queryPermission?: (options: { mode: 'read' }) => Promise<PermissionState>;
  requestPermission?: (options: { mode: 'read' }) => Promise<PermissionState>;
};

/** Whether the file is still as it was when it was chosen: a browser refuses to read one that was changed. */
export async function readable(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** The file of an upload from an earlier visit, where it can be opened without asking anybody and is the same. */
export async function reopen({ handle, size, lastModified }: Upload): Promise<File | undefined> {
  try {
    if ((await (handle as AskableHandle).queryPermission?.({ mode: 'read' })) !== 'granted') return undefined;
    const file = await handle!.getFile();
    return file.size === size && file.lastModified === lastModified ? file : undefined;
  } catch {
    return undefined;
  }
}

/** Asks for the permission to open the file again; only a click may do so. */
export async function askAgain({ handle }: Upload): Promise<boolean> {
  const answer = await (handle as AskableHandle | undefined)?.requestPermission?.({ mode: 'read' });
  return answer === 'granted';
}
