import { AccountsModule } from '@app/accounts';
import { FilesModule } from '@app/files';
import { StorageModule } from '@app/storage';
import { type BeforeApplicationShutdown, Module } from '@nestjs/common';
import { AccountRemoval } from '../accounts/account-removal.js';
import { AccountRemovalWorker } from './account-removal.worker.js';
import { OverviewController } from './overview.controller.js';
import { OverviewService } from './overview.service.js';
import { RemovalController } from './removal.controller.js';
import { ServedRemoval } from './served-removal.js';

/** What a server has of this: the removal of accounts, also of those that were interrupted, and a look at the whole. */
@Module({
  imports: [AccountsModule, FilesModule, StorageModule],
  controllers: [OverviewController, RemovalController],
  providers: [AccountRemoval, AccountRemovalWorker, OverviewService, ServedRemoval],
})
export class IntegrityServerModule implements BeforeApplicationShutdown {
  constructor(private readonly worker: AccountRemovalWorker) {}

  /** After listening: goes on with removals that were interrupted. */
  start(): void {
    this.worker.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.worker.stop();
  }
}
