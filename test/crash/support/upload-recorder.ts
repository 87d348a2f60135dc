import type { Client } from '../../support/client.js';
import { TusClient } from '../../support/tus.js';
import type { FileRecord, Ledger, Outcome, UploadBook } from './ledger.js';
import { tally } from './report.js';
import { type Answer, uniqueBytes } from './requests.js';

/** What a `Recorder` does with uploads that outlive their requests. */
export class UploadRecorder {
  private readonly tus: TusClient;

  constructor(
    readonly client: Client,
    readonly ledger: Ledger,
  ) {
    this.tus = new TusClient(client);
  }

  /** Begins an upload that outlives its requests. @returns none where its client learned no address */
  async begin(name: string, size: number): Promise<UploadBook | undefined> {
    const bytes = Buffer.from(uniqueBytes(size));
    const answer = await this.tus.create(name, bytes.length).catch(() => undefined);
    if (answer?.status !== 201) return undefined;
    const id = answer.headers.get('location')!.split('/').at(-1)!;
    const book: UploadBook = { id, owner: this.client.username, name, bytes, told: 0, end: 'none', file: undefined };
    this.ledger.uploads.push(book);
    return book;
  }

  /** Asks how far it is, and notes it. @returns none where there is no answer */
  async look(book: UploadBook): Promise<number | undefined> {
    const answer = await this.tus.look(`/api/uploads/${book.id}`).catch(() => undefined);
    if (answer?.status !== 200) return undefined;
    const offset = Number(answer.headers.get('upload-offset'));
    if (offset < book.told) this.ledger.seen.push(`I11 upload ${book.id} told ${book.told}, and then ${offset}`);
    book.told = Math.max(book.told, offset);
    if (offset === book.bytes.length) this.became(book, answer);
    return offset;
  }

  /** Sends the next bytes; the last ones make a file. */
  async append(book: UploadBook, size: number): Promise<Outcome> {
    const { id, owner, name, bytes, told } = book;
    const part = Buffer.from(bytes.subarray(told, told + size));
    const isLast = told + part.length === bytes.length;
    const isFirstTry = book.file === undefined;
    if (isLast) book.file ??= this.ledger.begin(owner, name, bytes);
    const answer = await this.tus.append(`/api/uploads/${id}`, told, part).catch(() => undefined);
    // What failed behind the last byte is gone on with by whoever looks next.
    const outcome = !answer || answer.status >= 500 ? 'unknown' : answer.status === 204 ? 'acknowledged' : 'refused';
    if (outcome === 'acknowledged') book.told = Math.max(book.told, Number(answer!.headers.get('upload-offset')));
    if (outcome === 'acknowledged' && isLast) this.became(book, answer!);
    else if (isLast && (outcome === 'unknown' || isFirstTry)) this.failed(book.file!, outcome);
    return outcome;
  }

  /** Notes which file an upload is now. */
  private became({ id, file }: UploadBook, { headers }: Answer): void {
    if (!file || file.upload === 'acknowledged') return;
    if (!headers.has('content-location')) {
      this.ledger.seen.push(`I11 upload ${id} is whole, and it is not said which file it is`);
      return;
    }
    Object.assign(file, { upload: 'acknowledged', id: Number(headers.get('content-location')!.split('/').at(-1)) });
    tally.acknowledged += 1;
  }

  /** Of two at once the other may have succeeded. */
  private failed(file: FileRecord, outcome: Outcome): void {
    if (file.upload !== 'acknowledged') file.upload = outcome;
  }

  /** @returns the status of the answer, if there was one */
  async endUpload(book: UploadBook): Promise<number | undefined> {
    book.end = 'sent';
    const answer = await this.tus.end(`/api/uploads/${book.id}`).catch(() => undefined);
    if (answer?.status === 204) book.end = 'acknowledged';
    return answer?.status;
  }
}
