import type { FileRecord } from '../../crash/support/ledger.js';
import type { Random } from '../../crash/support/plan.js';
import type { Persistent } from './persistent.js';

/** Files that one lane keeps at most: the checker reads all of their bytes each time. */
const KEEP = 4;
/** More than one part of an upload to a store, and less. */
const SIZES = [200, 20_000, 300_000, 6_000_000];

let names = 0;

/** Somebody who does one thing after another until he is told to end: then he ends what he is at. */
export class Lane {
  done = 0;

  constructor(
    private readonly person: Persistent,
    private readonly random: Random,
    private files: FileRecord[],
  ) {}

  async run(ends: AbortSignal): Promise<void> {
    while (!ends.aborted) {
      await this.step();
      this.done += 1;
    }
  }

  private async step(): Promise<void> {
    const { person, random } = this;
    const dice = random.below(100);
    const file = this.files.length > 0 ? random.pick(this.files) : undefined;
    if (dice < 8) return person.logIn();
    if (!file || (dice < 50 && this.files.length < KEEP)) return this.upload();
    if (dice < 68) return this.share(file);
    if (dice < 72) return person.abandon(this.name(), this.size(), random.below(2) === 0);
    if (dice < 90) return this.remove(file);
    return person.removeMany(this.files.splice(0));
  }

  private async upload(): Promise<void> {
    const { person, random } = this;
    const inParts = random.below(5) < 2;
    const file = await (inParts
      ? person.uploadInParts(this.name(), this.size(), 1 + random.below(3))
      : person.upload(this.name(), this.size()));
    if (file) this.files.push(file);
  }

  private async remove(file: FileRecord): Promise<void> {
    this.files = this.files.filter((other) => other !== file);
    await this.person.remove(file);
    const [link] = file.links;
    if (link) await this.person.use(file, link);
  }

  /** More strangers come at once than the link allows. */
  private async share(file: FileRecord): Promise<void> {
    const limit = 1 + this.random.below(4);
    const link = await this.person.share(file, limit);
    if (link) await Promise.all(Array.from({ length: limit + 2 }, () => this.person.use(file, link)));
  }

  private name(): string {
    return `${(names += 1)} of ${this.person.username}.bin`;
  }

  private size(): number {
    return this.random.pick(SIZES);
  }
}
