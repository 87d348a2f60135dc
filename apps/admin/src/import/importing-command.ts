import { type INestApplicationContext, Injectable } from '@nestjs/common';
import { Option } from 'nest-commander';
import { AdminCommand, type OutputOptions } from '../admin-command.js';
import { Drive } from '../drive.js';

export interface ImportOptions extends OutputOptions {
  readonly map?: string;
  readonly dryRun?: boolean;
}

/** What all imports share: a trial, which needs no drive of its own. */
@Injectable()
export abstract class ImportingCommand extends AdminCommand {
  constructor(private readonly drive: Drive) {
    super();
  }

  /** @throws AdminError where a server runs and it is no trial */
  protected openFor({ dryRun }: { readonly dryRun: boolean }): Promise<INestApplicationContext> {
    return dryRun ? this.drive.open() : this.drive.openAlone();
  }

  @Option({ flags: '--dry-run', description: 'Only tell what would be done, also while the server runs' })
  dryRun(): true {
    return true;
  }
}
