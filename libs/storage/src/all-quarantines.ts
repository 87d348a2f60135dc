import { Quarantine, type QuarantinedBlob } from './quarantine.js';
import { BlobMissingError } from './storage-errors.js';
import type { BlobReader } from './storage.service.js';

/** What is in quarantine in several storages, as if it were one. What is put aside goes into the first. */
export class AllQuarantines extends Quarantine {
  constructor(private readonly all: readonly Quarantine[]) {
    super();
  }

  override take(key: string, date: string): Promise<string> {
    return this.all[0]!.take(key, date);
  }

  override async *list(): AsyncIterable<QuarantinedBlob> {
    for (const quarantine of this.all) yield* quarantine.list();
  }

  override async open(path: string): Promise<BlobReader> {
    return (await this.find(path)).reader;
  }

  override async discard(path: string): Promise<void> {
    const { quarantine, reader } = await this.find(path);
    await reader.close();
    await quarantine.discard(path);
  }

  private async find(path: string): Promise<{ quarantine: Quarantine; reader: BlobReader }> {
    for (const quarantine of this.all) {
      try {
        return { quarantine, reader: await quarantine.open(path) };
      } catch (error) {
        if (!(error instanceof BlobMissingError)) throw error;
      }
    }
    throw new BlobMissingError(`Nothing is in quarantine at ${path}`);
  }
}
