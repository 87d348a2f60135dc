import { openSync } from 'node:fs';
import { descriptor } from './descriptor.js';

interface Round {
  running: Promise<void>;
  next: Promise<void> | undefined;
}

/**
 * Makes changes of directories durable. Callers that ask while a sync of the same directory is under way share the next
 * one: it begins after all of them have made their change, so it covers them all.
 */
export class DirectorySync {
  private readonly rounds = new Map<string, Round>();

  async sync(directory: string): Promise<void> {
    const round = this.rounds.get(directory);
    if (!round) return this.begin(directory);
    round.next ??= round.running.then(
      () => this.begin(directory),
      () => this.begin(directory),
    );
    return round.next;
  }

  private begin(directory: string): Promise<void> {
    const running = syncDirectory(directory).finally(() => {
      if (this.rounds.get(directory)?.running === running && !this.rounds.get(directory)?.next)
        this.rounds.delete(directory);
    });
    this.rounds.set(directory, { running, next: undefined });
    return running;
  }
}

async function syncDirectory(directory: string): Promise<void> {
  // What has just been changed stands in memory: opening it waits for no disk.
  const fd = openSync(directory, 'r');
  try {
    await descriptor.sync(fd);
  } finally {
    descriptor.close(fd);
  }
}
