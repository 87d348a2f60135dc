import { SvelteMap } from 'svelte/reactivity';
import { ApiError } from '../../api/api-error.js';
import { api, ask, type DeletionPreview, type File } from '../../api/client.js';

/** Files that are looked at, and removed, at once. */
const LOOKS = 6;
const BATCH = 100;

export interface Result {
  readonly file: File;
  /** None: it is gone. */
  readonly error?: ApiError;
}

/** The deletion of some files: what it would take, then what it took. */
export class Deletion {
  readonly previews = new SvelteMap<number, DeletionPreview>();
  results = $state.raw<Result[]>([]);
  looking = $state(true);
  running = $state(false);
  endDownloads = $state(false);
  error = $state.raw<ApiError>();
  readonly links = $derived([...this.previews.values()].reduce((sum, { accesses }) => sum + accesses.count, 0));
  readonly downloads = $derived([...this.previews.values()].reduce((sum, { downloads }) => sum + downloads, 0));
  readonly finished = $derived(this.results.length > 0 && !this.running && !this.error);
  private stopped = false;
  /** The same for each try of a batch, so that what was answered into a broken line is not done twice. */
  private readonly attempt = crypto.getRandomValues(new Uint32Array(4)).join('-');

  constructor(private readonly files: File[]) {}

  get gone(): number[] {
    return this.results.filter(({ error }) => !error).map(({ file }) => file.id);
  }

  get failed(): { file: File; error: ApiError }[] {
    return this.results.filter((result): result is { file: File; error: ApiError } => result.error !== undefined);
  }

  /** Stops after the batch that is under way. */
  stop(): void {
    this.stopped = true;
  }

  async look(): Promise<void> {
    const waiting = [...this.files];
    const work = async () => {
      for (let file = waiting.shift(); file && !this.stopped; file = waiting.shift()) {
        // A file that went in the meantime says so when it is deleted.
        const preview = await this.preview(file.id).catch(() => undefined);
        if (preview) this.previews.set(file.id, preview);
      }
    };
    await Promise.all(Array.from({ length: LOOKS }, work));
    this.looking = false;
  }

  async run(): Promise<void> {
    this.stopped = false;
    this.running = true;
    this.error = undefined;
    try {
      while (this.results.length < this.files.length && !this.stopped) await this.batch();
    } catch (cause) {
      this.error = cause as ApiError;
    } finally {
      this.running = false;
    }
  }

  private async batch(): Promise<void> {
    const from = this.results.length;
    const files = this.files.slice(from, from + BATCH);
    const ids = files.map(({ id }) => id);
    const answers = await this.remove(ids, `${this.attempt}-${from}`);
    const byId = new Map(answers.results.map((result) => [result.id, result]));
    const results = files.map((file): Result => {
      const answer = byId.get(file.id);
      return answer?.deleted ? { file } : { file, error: ApiError.from(409, { ...answer }) };
    });
    this.results = [...this.results, ...results];
  }

  private preview(id: number): Promise<DeletionPreview> {
    return ask(api.GET('/api/files/{fileId}/deletion', { params: { path: { fileId: id } } }));
  }

  /** Where the server wants to hear once more how many, it is told: the person has just been asked. */
  private async remove(ids: number[], key: string, confirm?: number): ReturnType<typeof removeMany> {
    try {
      return await removeMany(ids, this.endDownloads, key, confirm);
    } catch (error) {
      if ((error as ApiError).code !== 'confirmation_required' || confirm !== undefined) throw error;
      return this.remove(ids, `${key}-confirmed`, Number((error as ApiError).body.count));
    }
  }
}

function removeMany(ids: number[], endDownloads: boolean, key: string, confirm?: number) {
  const query = endDownloads ? { downloads: 'end' as const } : {};
  const params = { query, header: { 'Idempotency-Key': key } };
  return ask(api.POST('/api/files/delete', { params, body: { ids, ...(confirm === undefined ? {} : { confirm }) } }));
}
