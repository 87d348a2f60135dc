import type { Chosen } from './upload.svelte.js';

type HandleItem = DataTransferItem & { getAsFileSystemHandle?: () => Promise<FileSystemHandle | null> };

/**
 * Everything that was dropped, folders with all that is in them. The list of a drop is only there until the handler
 * returns, so all of it is taken hold of first.
 */
export async function dropped(transfer: DataTransfer): Promise<Chosen[]> {
  const items = [...transfer.items].filter(({ kind }) => kind === 'file') as HandleItem[];
  const taken = items.map((item) => ({
    file: item.getAsFile(),
    entry: item.webkitGetAsEntry(),
    handle: item.getAsFileSystemHandle?.().catch(() => null),
  }));
  const found: Chosen[] = [];
  for (const { file, entry, handle } of taken) {
    const opened = await handle;
    if (opened) await fromHandle(opened, '', found);
    else if (entry) await fromEntry(entry, '', found);
    else if (file) found.push({ file, folder: '' });
  }
  return found;
}

/** What an `<input type="file">` has; of a folder, with the folder's name. */
export function picked(files: FileList): Chosen[] {
  return [...files].map((file) => ({ file, folder: file.webkitRelativePath.split('/').slice(0, -1).join('/') }));
}

/** Files on the clipboard, such as a picture of the screen. */
export function pasted(data: DataTransfer, now = new Date()): Chosen[] {
  const stamp = now.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '.');
  return [...data.files].map((file) => {
    // Every picture is called that, so that the second one would be refused.
    const name = file.name === 'image.png' ? `image ${stamp}.png` : file.name;
    return { file: new File([file], name, { type: file.type, lastModified: file.lastModified }), folder: '' };
  });
}

async function fromHandle(handle: FileSystemHandle, folder: string, found: Chosen[]): Promise<void> {
  if (handle.kind === 'file') {
    const of = handle as FileSystemFileHandle;
    found.push({ file: await of.getFile(), folder, handle: of });
    return;
  }
  const directory = handle as FileSystemDirectoryHandle & { values(): AsyncIterable<FileSystemHandle> };
  for await (const child of directory.values()) await fromHandle(child, within(folder, handle.name), found);
}

async function fromEntry(entry: FileSystemEntry, folder: string, found: Chosen[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    found.push({ file, folder });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives a hundred at a time, and nothing when it is through.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (entries.length === 0) return;
    for (const child of entries) await fromEntry(child, within(folder, entry.name), found);
  }
}

function within(folder: string, name: string): string {
  return folder ? `${folder}/${name}` : name;
}
