import { ApiError } from '../api/api-error.js';
import { fileList } from '../state/file-list.svelte.js';
import { usage } from '../state/usage.svelte.js';
import { claim, forget, keep, keptOf, outlivesReload } from './kept-uploads.js';
import { another } from './names.js';
import { discard, send } from './send.js';
import { takeShared } from './shared.js';
import { readable, reopen } from './source.js';
import { type Chosen, Upload } from './upload.svelte.js';

/** Files that are sent at once. */
const AT_ONCE = 3;
const LONGEST_WAIT = 30_000;
/** Milliseconds between two looks at what has become of the list. */
const CALM = 400;

/** Files on their way to the server; the queue survives a reload of the page and a restart of the server. */
class Queue {
  uploads = $state.raw<Upload[]>([]);
  private userId = 0;
  private readonly stops = new Map<Upload, () => void>();
  private readonly timers = new Map<Upload, ReturnType<typeof setTimeout>>();
  private calm?: ReturnType<typeof setTimeout> | undefined;

  /** Takes up what a user's earlier visit left. @returns what stops all, and keeps it */
  open(userId: number): () => void {
    if (userId !== this.userId) this.uploads = [];
    this.userId = userId;
    const online = () => this.uploads.filter(({ state }) => state === 'retrying').forEach((one) => this.retry(one));
    const leaving = (event: BeforeUnloadEvent) =>
      this.uploads.some((one) => one.active && !outlivesReload(one)) && event.preventDefault();
    addEventListener('online', online);
    addEventListener('beforeunload', leaving);
    void takeShared().then((chosen) => chosen.length > 0 && this.add(chosen));
    void keptOf(userId).then((kept) => this.put(kept.map((one) => Upload.restored(one))));
    this.pump();
    return () => {
      removeEventListener('online', online);
      removeEventListener('beforeunload', leaving);
      for (const upload of this.uploads) if (upload.active) this.stop(upload, 'waiting');
      this.userId = -this.userId;
    };
  }

  add(chosen: Chosen[]): void {
    const uploads = chosen.map((one) => Upload.of(one, this.userId));
    for (const upload of uploads) void claim(upload.key).then(() => keep(upload));
    this.put(uploads);
  }

  pause(upload: Upload): void {
    this.stop(upload, 'paused');
    void keep(upload);
  }

  /** Also after a pause, and for what was lost where the browser lets us open it again. */
  retry(upload: Upload): void {
    this.stop(upload, 'waiting');
    this.pump();
  }

  /** Another name, as the one that it has is taken. */
  keepBoth(upload: Upload): void {
    upload.name = another(upload.name);
    upload.url = undefined;
    void keep(upload);
    this.retry(upload);
  }

  /** The file again, for one that was lost. @returns whether it is the same file, as far as can be seen */
  give(upload: Upload, file: File): boolean {
    if (file.size !== upload.size) return false;
    upload.file = file;
    upload.lastModified = file.lastModified;
    void keep(upload);
    this.retry(upload);
    return true;
  }

  /** Takes it from the list, and ends it where it is not done. */
  remove(upload: Upload): void {
    this.stop(upload, upload.state);
    if (upload.url && upload.state !== 'done') void discard(upload.url);
    void forget(upload);
    this.uploads = this.uploads.filter((one) => one !== upload);
    this.pump();
  }

  clearDone(): void {
    this.uploads = this.uploads.filter(({ state }) => state !== 'done');
  }

  private put(uploads: Upload[]): void {
    const known = new Set(this.uploads.map(({ key }) => key));
    this.uploads = [...this.uploads, ...uploads.filter(({ key }) => !known.has(key))];
    this.pump();
  }

  private pump(): void {
    const free = AT_ONCE - this.stops.size;
    if (this.userId <= 0) return;
    for (const upload of this.uploads.filter(({ state }) => state === 'waiting').slice(0, Math.max(0, free))) {
      upload.state = 'sending';
      this.stops.set(upload, () => undefined);
      void this.begin(upload);
    }
  }

  private async begin(upload: Upload): Promise<void> {
    upload.file ??= await reopen(upload);
    if (!upload.file || !(await readable(upload.file))) return this.lose(upload);
    const stop = await send(upload, {
      addressed: (url) => {
        upload.url = url;
        void keep(upload);
      },
      progressed: (sent) => {
        upload.progress(sent);
        upload.tries = 0;
      },
      done: (fileId) => this.finish(upload, fileId),
      failed: (error) => void this.fail(upload, error),
    }).catch(() => undefined);
    if (!stop) return void this.fail(upload, ApiError.offline());
    // It may have been paused, or be through, in the meantime.
    if (this.stops.has(upload)) this.stops.set(upload, stop);
    else if (upload.state !== 'done') stop();
  }

  private lose(upload: Upload): void {
    upload.file = undefined;
    this.stop(upload, 'lost');
    this.pump();
  }

  private finish(upload: Upload, fileId: number | undefined): void {
    this.stops.delete(upload);
    upload.fileId = fileId;
    upload.sent = upload.size;
    upload.rest('done');
    void forget(upload);
    this.changed();
    this.pump();
  }

  private async fail(upload: Upload, error: ApiError): Promise<void> {
    if (!this.stops.delete(upload)) return;
    // A file that was changed after it was chosen looks like a broken line.
    if (error.status === 0 && upload.file && !(await readable(upload.file))) return this.lose(upload);
    if (error.passing || error.status === 401) this.wait(upload, error);
    else if (error.status === 404 || error.status === 410) this.startOver(upload, error);
    else upload.rest('failed', error);
    this.pump();
  }

  /** The server no longer knows the upload: once, it is begun anew. */
  private startOver(upload: Upload, error: ApiError): void {
    const again = upload.url !== undefined;
    upload.url = undefined;
    upload.sent = 0;
    if (again) upload.rest('waiting');
    else upload.rest('failed', error);
  }

  private wait(upload: Upload, error: ApiError): void {
    upload.rest('retrying', error);
    const delay = error.retryAfter ? error.retryAfter * 1_000 : Math.min(LONGEST_WAIT, 1_000 * 2 ** upload.tries);
    upload.tries += 1;
    this.timers.set(
      upload,
      setTimeout(() => this.retry(upload), delay),
    );
  }

  private stop(upload: Upload, state: Upload['state']): void {
    clearTimeout(this.timers.get(upload));
    this.timers.delete(upload);
    const stop = this.stops.get(upload);
    this.stops.delete(upload);
    stop?.();
    upload.rest(state);
  }

  /** Files came: the list and the room that is left are looked at again, not at every one of a thousand. */
  private changed(): void {
    this.calm ??= setTimeout(() => {
      this.calm = undefined;
      fileList.refresh();
      void usage.refresh().catch(() => undefined);
    }, CALM);
  }
}

export const queue = new Queue();
