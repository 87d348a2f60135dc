import { ContractError } from '@app/contract';
import { BlobRemoval, UnitOfWork } from '@app/database';
import { Servers } from '@app/leases';
import { Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';

export interface Readiness {
  readonly status: 'ok';
  /** Removals whose last attempt failed: deletes that are not whole yet. */
  readonly removalsFailing: number;
}

/** Says whether the drive can do its work now: by doing a little of it. */
@Injectable()
export class HealthService {
  private leaving = false;
  private looking: Promise<Readiness> | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly storages: Storages,
    private readonly servers: Servers,
  ) {}

  /** From now on it is not ready: whoever sends requests here is to send them elsewhere. */
  leave(): void {
    this.leaving = true;
  }

  /** @throws ContractError unavailable, with what is wrong; stopping */
  async ready(): Promise<Readiness> {
    // What HAProxy takes for "send nothing new, and break nothing off", where a 503 is a server that is lost.
    if (this.leaving) throw new ContractError('stopping');
    // Anybody may ask, and each look takes a sync of the disk: those who ask at once share one.
    this.looking ??= this.look().finally(() => (this.looking = undefined));
    return this.looking;
  }

  private async look(): Promise<Readiness> {
    const [database, storage] = await Promise.allSettled([this.countFailing(), this.storages.current.probe()]);
    if (database.status === 'rejected' || storage.status === 'rejected' || !this.servers.isValid) {
      const lease = this.servers.isValid ? 'ok' : 'failing';
      const details = {
        database: health(database),
        storage: health(storage),
        ...(this.servers.areShared && { lease }),
      };
      throw new ContractError('unavailable', { retryAfter: 5, fields: { details } });
    }
    return { status: 'ok', removalsFailing: database.value };
  }

  private async countFailing(): Promise<number> {
    await this.units.run((unit) =>
      unit.change('UPDATE storages SET createdAt = createdAt WHERE id = ?', [this.storages.current.id]),
    );
    return this.dataSource.manager.countBy(BlobRemoval, { attempts: MoreThan(0) });
  }
}

function health(outcome: PromiseSettledResult<unknown>): 'ok' | 'failing' {
  return outcome.status === 'fulfilled' ? 'ok' : 'failing';
}
