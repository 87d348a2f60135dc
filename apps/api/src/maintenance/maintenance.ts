import { CredentialsService } from '@app/accounts';
import { AppConfig, waitWhileAway } from '@app/config';
import { isDatabaseAway, type MaintenanceMark, type Marked, Marks } from '@app/database';
import { type BeforeApplicationShutdown, Injectable, Logger, type OnModuleInit } from '@nestjs/common';

/** Milliseconds between looks: the commands wait for twice as long before they say that it is so. */
const LOOK_EVERY_MS = 500;
const PARDON = 'pardon:';

/**
 * What an admin tells a server while it runs, by way of the database: that it refuses writes for a while, and whose failed
 * log-ins it forgets. It is looked at again and again, so that it works with any number of servers and outlives them.
 */
@Injectable()
export class Maintenance implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(Maintenance.name);
  private mark: Marked<'maintenance'> | undefined;
  private pardons: ReadonlyMap<string, number> = new Map();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: AppConfig,
    private readonly marks: Marks,
    private readonly credentials: CredentialsService,
  ) {}

  /** None while everything goes on as ever. */
  get current(): MaintenanceMark | undefined {
    return this.mark?.value;
  }

  /** Before the first request. */
  async onModuleInit(): Promise<void> {
    const marks = await waitWhileAway(this.config.startWaitMs, isDatabaseAway, () => this.marks.all());
    this.follow(marks);
    this.pardon(pardonsOf(marks));
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    try {
      const marks = await this.marks.all();
      this.follow(marks);
      const pardons = pardonsOf(marks);
      for (const [subject, at] of pardons)
        if (this.pardons.get(subject) !== at) this.logger.log({ event: 'log-in-unlocked', subject });
      this.pardon(pardons);
    } catch {
      // The database is away, which every request says already; what was known still holds.
    }
  }

  private follow(marks: readonly Marked[]): void {
    const before = this.mark;
    this.mark = marks.find((mark): mark is Marked<'maintenance'> => mark.name === 'maintenance');
    if (this.mark && !before) this.logger.log({ event: 'maintenance-began', reason: this.mark.value.reason });
    if (!this.mark && before) this.logger.log({ event: 'maintenance-ended' });
  }

  private pardon(pardons: ReadonlyMap<string, number>): void {
    this.credentials.pardon(pardons);
    this.pardons = pardons;
  }
}

function pardonsOf(marks: readonly Marked[]): Map<string, number> {
  const pardons = marks.filter(({ name }) => name.startsWith(PARDON));
  return new Map(pardons.map(({ name, changedAt }) => [name.slice(PARDON.length), changedAt]));
}
