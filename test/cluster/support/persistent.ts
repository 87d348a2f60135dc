import { setTimeout as delay } from 'node:timers/promises';
import type { FileRecord, LinkRecord, Outcome, UploadBook } from '../../crash/support/ledger.js';
import type { Recorder } from '../../crash/support/recorder.js';

const PAUSE_MS = 400;
/** Milliseconds after which a client that tries again must have come to an end, once nothing fails any more. */
const ENDS_MS = 90_000;

/** Who open a link at once. */
const STRANGERS = 4;

/** Whether anything fails now. */
export interface Weather {
  /** When all was well again, in milliseconds of the clock; none while something fails. */
  wellSince: number | undefined;
}

/** Somebody who tries again until he knows what became of what he wants. Each attempt to upload has bytes of its own. */
export class Persistent {
  constructor(
    private readonly recorder: Recorder,
    private readonly weather: Weather,
    /** Milliseconds. */
    private readonly patience = ENDS_MS,
  ) {}

  /** What the last attempt has come to. */
  private last: unknown;

  get username(): string {
    return this.recorder.client.username;
  }

  /** @returns the attempt that became the file */
  async upload(name: string, size: number): Promise<FileRecord | undefined> {
    const attempts: FileRecord[] = [];
    return this.untilKnown(`upload of ${name}`, async () => {
      const record = await this.recorder.upload(name, size);
      this.last = record.upload;
      attempts.push(record);
      if (record.upload === 'acknowledged') return record;
      // Its own earlier attempt may have the name, or one whose server is dead may still hold it.
      return record.upload === 'refused' ? this.which(name, attempts) : undefined;
    });
  }

  async uploadInParts(name: string, size: number, parts: number): Promise<FileRecord | undefined> {
    const book = await this.untilKnown(`begin of ${name}`, () => this.recorder.begin(name, size));
    if (!book) return undefined;
    const part = Math.ceil(size / parts);
    return this.untilKnown(`upload in parts of ${name}`, async () => {
      const offset = await this.recorder.look(book);
      if (offset === undefined) return undefined;
      if (book.file?.upload === 'acknowledged') return book.file;
      this.last = await this.recorder.append(book, part);
      return isWhole(book) ? book.file : undefined;
    });
  }

  /** Begins an upload in parts that its client forgets, or ends. */
  async abandon(name: string, size: number, ends: boolean): Promise<void> {
    const book = await this.untilKnown(`begin of ${name}`, () => this.recorder.begin(name, size));
    if (!book) return;
    await this.recorder.append(book, Math.ceil(size / 2));
    if (!ends) return;
    await this.untilKnown(`end of upload ${name}`, async () => {
      const status = await this.recorder.endUpload(book);
      this.last = status;
      // Nobody else ends it: an earlier attempt has, whose answer was lost.
      if (status === 404 || status === 410) book.end = 'acknowledged';
      return book.end === 'acknowledged' || undefined;
    });
  }

  async remove(file: FileRecord): Promise<void> {
    await this.untilKnown(`delete of ${file.name}`, async () => known(await this.recorder.remove(file)));
  }

  async removeMany(files: readonly FileRecord[]): Promise<void> {
    await this.untilKnown(`delete of ${files.length} files`, async () => {
      await this.recorder.removeMany(files);
      return files.every(({ removal }) => removal === 'acknowledged') || undefined;
    });
  }

  async share(file: FileRecord, limit: number): Promise<LinkRecord | undefined> {
    return this.untilKnown(`link to ${file.name}`, async () => {
      const shown = await this.recorder.toggle(file, true);
      return shown === 'acknowledged' ? this.recorder.share(file, limit) : undefined;
    });
  }

  use(file: FileRecord, link: LinkRecord): Promise<Outcome> {
    return this.recorder.use(file, link);
  }

  /** As many strangers come as it takes until the link says that it is used up, some of them at once, at different servers. */
  async useUp(file: FileRecord, link: LinkRecord): Promise<void> {
    await this.untilKnown(`the last use of a link to ${file.name}`, async () => {
      const uses = Array.from({ length: STRANGERS }, () => this.recorder.use(file, link));
      return (await Promise.all(uses)).includes('refused') || undefined;
    });
  }

  async logIn(): Promise<void> {
    await this.untilKnown(`log-in of ${this.username}`, () =>
      this.recorder.client.logIn(this.username).catch(() => undefined),
    );
  }

  private async which(name: string, attempts: readonly FileRecord[]): Promise<FileRecord | undefined> {
    const path = `/api/files?q=${encodeURIComponent(name)}`;
    const answer = await this.recorder.client.get(path).catch(() => undefined);
    const rows: { id: number; sha256: string }[] = answer?.status === 200 ? answer.body.files : [];
    const record = attempts.find(({ sha256 }) => rows.some((row) => row.sha256 === sha256));
    if (!record) return undefined;
    record.id = rows.find(({ sha256 }) => sha256 === record.sha256)!.id;
    record.upload = 'acknowledged';
    return record;
  }

  /** @param attempt gives nothing as long as nobody knows */
  private async untilKnown<Known>(what: string, attempt: () => Promise<Known | undefined>): Promise<Known | undefined> {
    const began = Date.now();
    for (;;) {
      const found = await attempt();
      if (found !== undefined) return found;
      const { wellSince } = this.weather;
      if (wellSince !== undefined && Date.now() - Math.max(wellSince, began) > this.patience) {
        this.recorder.ledger.seen.push(
          `I15 ${what} by ${this.username} does not come to an end (${String(this.last)})`,
        );
        return undefined;
      }
      await delay(PAUSE_MS);
    }
  }
}

const known = (outcome: Outcome) => (outcome === 'unknown' ? undefined : outcome);

const isWhole = ({ file }: UploadBook) => file?.upload === 'acknowledged';
