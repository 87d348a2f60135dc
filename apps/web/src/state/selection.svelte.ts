import { SvelteMap } from 'svelte/reactivity';
import { api, ask, type File } from '../api/client.js';
import type { components } from '../api/schema.js';
import { fileList } from './file-list.svelte.js';

type Files = components['schemas']['FilePageBody'];

/** Files that the next action is about, in the order in which they were chosen. */
class Selection {
  readonly files = new SvelteMap<number, File>();
  readonly size = $derived([...this.files.values()].reduce((sum, file) => sum + file.size, 0));
  /** How many have been gathered, while all are being selected. */
  gathering = $state<number>();
  /** From where a range reaches. */
  private anchor = 0;
  private gatherer?: AbortController;

  has(id: number): boolean {
    return this.files.has(id);
  }

  toggle(file: File, index: number): void {
    if (!this.files.delete(file.id)) this.files.set(file.id, file);
    this.anchor = index;
  }

  /** Only this one. */
  only(file: File, index: number): void {
    this.files.clear();
    this.files.set(file.id, file);
    this.anchor = index;
  }

  /** From where the last one was chosen to here, as far as the rows are here. */
  rangeTo(index: number): void {
    const [from, to] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
    this.files.clear();
    for (const file of fileList.rows.slice(from, to + 1)) if (file) this.files.set(file.id, file);
  }

  clear(): void {
    this.gatherer?.abort();
    this.files.clear();
  }

  forget(ids: Iterable<number>): void {
    for (const id of ids) this.files.delete(id);
  }

  /** All that the list shows, also what was never on the screen; `clear` stops it. */
  async all(): Promise<void> {
    this.gatherer?.abort();
    const gatherer = (this.gatherer = new AbortController());
    const { q, sort } = fileList;
    let cursor: string | null = null;
    this.gathering = 0;
    try {
      do {
        const query = { limit: 200, sort, ...(q ? { q } : {}), ...(cursor ? { cursor } : {}) };
        const page: Files = await ask(api.GET('/api/files', { params: { query }, signal: gatherer.signal }));
        for (const file of page.files) this.files.set(file.id, file);
        this.gathering = this.files.size;
        cursor = page.nextCursor;
      } while (cursor && !gatherer.signal.aborted);
    } catch (error) {
      if (!gatherer.signal.aborted) throw error;
    } finally {
      if (this.gatherer === gatherer) this.gathering = undefined;
    }
  }
}

export const selection = new Selection();
