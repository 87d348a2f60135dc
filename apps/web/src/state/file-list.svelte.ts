import { ApiError } from '../api/api-error.js';
import { api, ask, type File } from '../api/client.js';
import { settings } from './settings.svelte.js';

/** Rows that are asked for at once. */
const PAGE = 100;
/** Milliseconds for which the view must rest before rows are asked for: who flies past them does not need them. */
const REST = 40;

export type Sort = 'createdAt' | '-createdAt' | 'name' | '-name' | 'size' | '-size';

/** The caller's files in one order, as a list of which only those rows are here that were looked at. */
class FileList {
  /** A part of the name. */
  q = $state('');
  sort = $state(settings.sort as Sort);
  /** As many as there are, each undefined until it is here. */
  rows = $state.raw<(File | undefined)[]>([]);
  /** Undefined until the first answer. */
  total = $state<number>();
  fault = $state<ApiError>();
  /** Where the view was, for whoever comes back. */
  offset = 0;

  private readonly asked = new Set<number>();
  /** Answers to what was asked before a change are of no use. */
  private generation = 0;
  /** And nobody need look for it any more. */
  private leaving = new AbortController();
  private seen: [number, number] = [0, 0];
  private timer?: ReturnType<typeof setTimeout>;
  /** Asked for while the page was still opening. */
  private early = false;

  /** Shows other files: nothing of the ones before stays. */
  show(q: string, sort: Sort): void {
    if (q === this.q && sort === this.sort && this.total !== undefined) return;
    this.q = q;
    this.sort = sort;
    settings.setSort(sort);
    this.offset = 0;
    this.seen = [0, 0];
    this.refresh();
  }

  /** Begins while the page opens, for whoever is going to look. */
  begin(): void {
    this.early = true;
    this.refresh();
  }

  /** Somebody looks: asks for what is seen, unless that has only just been asked for. */
  open(): void {
    if (!this.early) this.refresh();
    this.early = false;
  }

  /** Asks again for what is seen; the rows stay until the answer is there. */
  refresh(): void {
    this.leave();
    this.load();
  }

  /** Forgets everything, for the next person. */
  clear(): void {
    this.leave();
    Object.assign(this, { q: '', rows: [], total: undefined, fault: undefined, offset: 0, early: false });
    this.seen = [0, 0];
  }

  /** Rows `first` to `last` are on the screen. */
  look(first: number, last: number): void {
    this.seen = [first, last];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), REST);
  }

  /** A file that changed. */
  replace(file: File): void {
    this.rows = this.rows.map((row) => (row?.id === file.id ? file : row));
  }

  private leave(): void {
    this.fault = undefined;
    this.generation += 1;
    this.asked.clear();
    this.leaving.abort();
    this.leaving = new AbortController();
  }

  private load(): void {
    const [first, last] = this.seen.map((row) => Math.floor(row / PAGE)) as [number, number];
    for (let page = first; page <= last; page += 1) {
      if (!this.asked.has(page)) void this.fetch(page);
    }
  }

  private async fetch(page: number): Promise<void> {
    const { generation, q, sort } = this;
    const { signal } = this.leaving;
    this.asked.add(page);
    try {
      const query = { position: page * PAGE, limit: PAGE, sort, ...(q ? { q } : {}) };
      const { files, total } = await ask(api.GET('/api/files', { params: { query }, signal }));
      if (generation === this.generation) this.put(page * PAGE, files, total ?? files.length);
    } catch (error) {
      if (generation !== this.generation) return;
      this.asked.delete(page);
      this.early = false;
      this.fault = error as ApiError;
    }
  }

  private put(position: number, files: File[], total: number): void {
    const rows = this.rows.slice(0, total);
    rows.length = total;
    files.forEach((file, n) => (rows[position + n] = file));
    this.rows = rows;
    this.total = total;
    this.fault = undefined;
  }
}

export const fileList = new FileList();
