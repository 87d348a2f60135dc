import type { File } from '../api/client.js';
import type { Word } from '../words/words.svelte.js';
import { router } from './router.svelte.js';

export interface Key {
  /** As `event.key` has it; `Ctrl+a` with the control or command key. */
  readonly key: string;
  readonly word: Word;
  /** None where a part of the screen takes the key while it has the focus: the help shows it, and elsewhere it is the browser's. */
  readonly run?: (event: KeyboardEvent) => void;
}

/** What the whole page can be asked to do, whichever screen is shown: open dialogs, and the keys that work. */
class Actions {
  help = $state(false);
  /** The files whose deletion is being asked for. */
  deleting = $state.raw<File[]>();
  /** The file that is being shared. */
  sharing = $state.raw<File>();
  /** Counts up with each change of a file's links. */
  version = $state.raw({ fileId: 0, n: 0 });
  /** Called once files are gone. */
  private gone?: (ids: number[]) => void;
  private readonly keys: Key[] = [
    { key: '?', word: 'keys.help', run: () => (this.help = true) },
    { key: '1', word: 'keys.files', run: () => router.go('/') },
    { key: '2', word: 'keys.links', run: () => router.go('/links') },
    { key: '3', word: 'keys.receipts', run: () => router.go('/receipts') },
    { key: '4', word: 'keys.account', run: () => router.go('/account') },
  ];
  shown = $state.raw<Key[]>([]);

  constructor() {
    this.shown = [...this.keys];
  }

  /** Adds keys for as long as a screen is there, before those of the whole page or after them; gives what takes them away. */
  offer(keys: Key[], after = false): () => void {
    this.shown = after ? [...this.shown, ...keys] : [...keys, ...this.shown];
    return () => (this.shown = this.shown.filter((key) => !keys.includes(key)));
  }

  press(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    if (event.defaultPrevented || event.altKey || document.querySelector('dialog[open]')) return;
    if (target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]')) return;
    const name = event.ctrlKey || event.metaKey ? `Ctrl+${event.key.toLowerCase()}` : event.key;
    const run = this.shown.find(({ key }) => key === name)?.run;
    if (!run) return;
    event.preventDefault();
    run(event);
  }

  remove(files: File[], gone?: (ids: number[]) => void): void {
    if (files.length === 0) return;
    this.deleting = files;
    this.gone = gone;
  }

  /** Links of a file came or went, for whoever shows them. */
  changed(fileId: number): void {
    this.version = { fileId, n: this.version.n + 1 };
  }

  /** No dialog is open any more. */
  close(): void {
    Object.assign(this, { help: false, deleting: undefined, sharing: undefined });
  }

  removed(ids: number[]): void {
    this.gone?.(ids);
  }
}

export const actions = new Actions();
