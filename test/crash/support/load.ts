import type { CrashDrive } from './crash-drive.js';
import type { FileRecord, UploadBook } from './ledger.js';
import type { Random } from './plan.js';
import type { Recorder } from './recorder.js';

/** Files that one lane keeps at most. */
const KEEP = 4;
/** Unfinished uploads that one lane keeps at most: they hold their names. */
const KEEP_UNFINISHED = 2;
const NAMES = ['a.txt', 'b.txt', 'B.TXT', 'c.bin', 'é.txt', 'd', 'e f.txt', 'g.tar.gz', 'h.txt', 'i.txt'];

/** Several clients at once that do everything that the drive can, at random, until the server dies or they are done. */
export async function runLoad(drive: CrashDrive, random: Random, operations: number): Promise<void> {
  let left = operations;
  void drive.server?.ended.then(() => (left = 0));
  const lanes = drive.people.flatMap((person) => {
    const files = drive.ledger.files.filter(({ owner, id }) => owner === person.client.username && id !== undefined);
    const books = drive.ledger.uploads.filter(({ owner, end }) => owner === person.client.username && end === 'none');
    return [0, 1].map((half) => {
      const own = (_item: unknown, at: number) => at % 2 === half;
      return new Lane(person, random, files.filter(own), books.filter(own));
    });
  });
  await Promise.all(
    lanes.map(async (lane) => {
      while (left-- > 0) await lane.step();
    }),
  );
}

/** One client, which acts on its own files; a second lane of the same person competes for the names. */
class Lane {
  constructor(
    private readonly person: Recorder,
    private readonly random: Random,
    private files: FileRecord[],
    private books: UploadBook[],
  ) {}

  async step(): Promise<void> {
    const { person, random } = this;
    if (random.below(100) < 15) return this.uploadInParts();
    const file = this.files.length > 0 ? random.pick(this.files) : undefined;
    if (!file || this.files.length >= KEEP) return file ? this.remove(file) : this.upload();
    const dice = random.below(100);
    if (dice < 30) return this.upload();
    if (dice < 40) return this.remove(file);
    if (dice < 45) return this.removeAll();
    if (dice < 55) return this.replace(file);
    if (dice < 60) return void (await person.toggle(file, random.below(2) === 0));
    if (dice < 65) return person.abandon(random.pick(NAMES));
    if (dice < 75) return person.download(file);
    if (dice < 90) return this.share(file);
    if (dice < 92) return void (await person.signUp(`u${random.below(1e9)}`));
    return this.removeTwice(file);
  }

  private async upload(name = this.random.pick(NAMES)): Promise<void> {
    const { random } = this;
    const record = await this.person.upload(name, random.below(20) === 0 ? 2_500_000 : random.below(20_000));
    if (record.upload === 'acknowledged') this.files.push(record);
  }

  /** Begins an upload in parts, or goes on with one: with a look before, as after a broken line, or without; or ends it. */
  private async uploadInParts(): Promise<void> {
    const { person, random } = this;
    if (this.books.length < KEEP_UNFINISHED && random.below(3) === 0) {
      const book = await person.begin(
        random.pick(NAMES),
        1 + random.below(random.below(20) === 0 ? 2_500_000 : 30_000),
      );
      if (book) this.books.push(book);
      return;
    }
    if (this.books.length === 0) return;
    const book = random.pick(this.books);
    const fate = random.below(10);
    if (fate === 0) await person.endUpload(book);
    else if (fate < 4) await person.look(book);
    else await this.append(book, fate === 9);
    if (book.end !== 'none' || book.file?.upload === 'acknowledged') this.drop(book);
  }

  /** @param twice at once, as a client does that has lost its line and comes back: one of them waits for the other */
  private async append(book: UploadBook, twice: boolean): Promise<void> {
    const { person, random } = this;
    const size = 1 + random.below(Math.ceil(book.bytes.length / 2));
    const outcomes = await Promise.all([person.append(book, size), ...(twice ? [person.append(book, size)] : [])]);
    // It was ended by a newcomer of its name, or somebody else brought these bytes.
    if (outcomes.includes('refused') && (await person.look(book)) === undefined) this.drop(book);
  }

  private drop(book: UploadBook): void {
    this.books = this.books.filter((other) => other !== book);
    if (book.file?.upload === 'acknowledged') this.files.push(book.file);
  }

  private async remove(file: FileRecord): Promise<void> {
    this.files = this.files.filter((other) => other !== file);
    await this.person.remove(file);
    const [link] = file.links;
    if (link && file.removal === 'acknowledged') await this.person.use(file, link);
  }

  /** In one request. */
  private async removeAll(): Promise<void> {
    const files = this.files.splice(0);
    await this.person.removeMany(files);
  }

  /** Deletes, and uploads the same name at once. */
  private async replace(file: FileRecord): Promise<void> {
    await this.remove(file);
    await this.upload(file.name);
  }

  /** Half of the time by one key, by which the second is known for the first. */
  private async removeTwice(file: FileRecord): Promise<void> {
    this.files = this.files.filter((other) => other !== file);
    const key = this.random.below(2) === 0 ? `delete-${file.id}` : undefined;
    await Promise.all([this.person.remove(file, key), this.person.remove(file, key)]);
  }

  /** Shares, and asks for the link once more than it allows, at once. */
  private async share(file: FileRecord): Promise<void> {
    const { person, random } = this;
    await person.toggle(file, true);
    const limit = 1 + random.below(3);
    const link = await person.share(file, limit);
    if (link) await Promise.all(Array.from({ length: limit + 1 }, () => person.use(file, link)));
  }
}
