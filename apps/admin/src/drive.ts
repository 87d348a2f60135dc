import { lstatSync } from 'node:fs';
import { AppConfig, ConfigError } from '@app/config';
import { DataDirectoryLease } from '@app/data-directory';
import { StorageRegistry } from '@app/files';
import { Servers } from '@app/leases';
import { type INestApplicationContext, Injectable, type OnModuleDestroy } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DriveModule } from './drive.module.js';
import { AdminError } from './exit.js';
import { AdminLogger } from './terminal/admin-logger.js';

/**
 * The drive that a command works on. Opened by the command, not at start: help must not need a drive, and what is wrong
 * with the command line is said first.
 */
@Injectable()
export class Drive implements OnModuleDestroy {
  private context: INestApplicationContext | undefined;
  private loaded: AppConfig | undefined;
  private logger: AdminLogger | undefined;
  private ownLease: DataDirectoryLease | undefined;
  private isAlone = false;

  /** @throws ConfigError */
  get config(): AppConfig {
    return (this.loaded ??= AppConfig.load());
  }

  private get lease(): DataDirectoryLease {
    return (this.ownLease ??= new DataDirectoryLease(this.config.dataDir));
  }

  /**
   * Opens the drive beside the server.
   * @returns where the services are
   * @throws ConfigError, SchemaMismatchError, StorageUnusableError when there is none, or not the right one
   */
  async open(): Promise<INestApplicationContext> {
    this.requireOwner();
    this.context ??= await NestFactory.createApplicationContext(DriveModule.of(this.config, this.lease), {
      logger: (this.logger = new AdminLogger(this.config)),
      abortOnError: false,
    });
    await this.context.get(StorageRegistry).verify();
    return this.context;
  }

  /** Opens the drive for itself alone, until the command ends. @throws AdminError when a server runs */
  async openAlone(): Promise<INestApplicationContext> {
    const context = await this.open();
    await this.takeLease('This command moves bytes');
    await context.get(Servers).joinAlone();
    this.isAlone = true;
    return context;
  }

  /** @param reason why it must be alone @throws AdminError when somebody else holds the data directory */
  async takeLease(reason: string): Promise<void> {
    try {
      await this.lease.take();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      throw new AdminError(
        `${reason}, and another process holds the data directory ${this.config.dataDir}: stop the server first`,
      );
    }
  }

  async onModuleDestroy(): Promise<void> {
    if (this.isAlone) await this.context?.get(Servers).leave();
    await this.context?.close();
    this.logger?.close();
    await this.ownLease?.release();
  }

  /** Files that root makes are closed to the server's user, and the drive would stand still. */
  requireOwner(): void {
    const { dataDir } = this.config;
    const owner = lstatSync(dataDir, { throwIfNoEntry: false })?.uid;
    if (owner === undefined) throw new ConfigError('DATA_DIR', `is not there: ${dataDir}`);
    if (process.getuid?.() === 0 && owner !== 0)
      throw new AdminError(`Run this as the user who owns the data directory (uid ${owner}), not as root: ${dataDir}`);
  }
}
