import { parseSize } from '@app/config';
import { Option } from 'nest-commander';
import { AdminCommand, type OutputOptions, parseCount } from '../admin-command.js';
import { AdminError } from '../exit.js';

const MAX_FILES = 2147483647;

export interface LimitsOptions extends OutputOptions {
  readonly maxFiles?: string;
  readonly maxStorage?: string;
}

/** A command with the options that set limits. */
export abstract class LimitsCommand extends AdminCommand {
  @Option({ flags: '--max-files <count>', description: 'Files that the user may have; 0 for no uploads' })
  maxFiles(value: string): string {
    return value;
  }

  @Option({ flags: '--max-storage <size>', description: 'Bytes that they may have, such as 1073741824 or 1GiB' })
  maxStorage(value: string): string {
    return value;
  }

  /** @throws AdminError for what is no limit */
  protected limits({ maxFiles, maxStorage }: LimitsOptions): { maxFiles?: number; maxStorage?: number } {
    const bytes = maxStorage === undefined ? undefined : parseSize(maxStorage);
    if (maxStorage !== undefined && bytes === undefined)
      throw new AdminError('--max-storage must be a size such as 1073741824, 500MiB or 1GiB');
    return {
      ...(maxFiles === undefined ? {} : { maxFiles: parseCount('--max-files', maxFiles, MAX_FILES) }),
      ...(bytes === undefined ? {} : { maxStorage: bytes }),
    };
  }
}
