import { AdminUsersService } from '@app/accounts';
import { Injectable, Logger } from '@nestjs/common';
import { AccountRemoval } from '../accounts/account-removal.js';

/** Milliseconds between looks for removals that did not come to their end. */
const LOOK_EVERY_MS = 30_000;

/** Finishes the removal of accounts that was interrupted, or that had to wait for something. */
@Injectable()
export class AccountRemovalWorker {
  private readonly logger = new Logger(AccountRemovalWorker.name);
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly users: AdminUsersService,
    private readonly removal: AccountRemoval,
  ) {}

  start(): void {
    void this.look();
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.removal.stop();
  }

  private async look(): Promise<void> {
    try {
      for (const user of await this.users.leaving()) await this.removal.goOn(user);
    } catch (error) {
      this.logger.warn({ event: 'account-removal-waits', reason: (error as Error).message });
    }
  }
}
