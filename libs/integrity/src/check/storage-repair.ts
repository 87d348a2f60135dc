import { Usage } from '@app/accounts';
import { ServerLease } from '@app/data-directory';
import { BlobRemoval, File, UnitOfWork } from '@app/database';
import { foldName, RemovalsService, UploadRollback } from '@app/files';
import { AllDrivers } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CheckTally } from './check-tally.js';
import { type Finding, FINDING_KINDS } from './finding.js';
import { keyOfName } from './names-check.js';
import { StorageCheck } from './storage-check.js';

/** What became of a finding. `possible`: would be repaired. `left`: nobody but people can tell what is right. */
export type RepairOutcome = 'possible' | 'repaired' | 'failed' | 'left';

export interface Repair {
  readonly finding: Finding;
  readonly outcome: RepairOutcome;
  /** Where the bytes are now, or why it failed. */
  readonly detail?: string;
}

/**
 * Heals what the check finds, as far as it is provable what is right. No byte is destroyed that is not proved to be ours
 * to destroy: what nobody claims goes to the quarantine.
 */
@Injectable()
export class StorageRepair {
  constructor(
    private readonly lease: ServerLease,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly usage: Usage,
    private readonly drivers: AllDrivers,
    private readonly check: StorageCheck,
    private readonly rollback: UploadRollback,
    private readonly removals: RemovalsService,
  ) {}

  /** Tells what would be repaired; changes nothing. */
  async *plan(tally: CheckTally): AsyncGenerator<Repair> {
    for await (const finding of this.check.findings({}, tally)) {
      yield { finding, outcome: FINDING_KINDS[finding.kind].repair ? 'possible' : 'left' };
    }
  }

  /** Repairs. For whoever holds the lease. */
  async *apply(tally: CheckTally): AsyncGenerator<Repair> {
    this.lease.assertHeld();
    const temporary: Finding[] = [];
    for await (const finding of this.check.findings({}, tally)) {
      if (finding.kind === 'temporary-file') temporary.push(finding);
      else if (!FINDING_KINDS[finding.kind].repair) yield { finding, outcome: 'left' };
      else yield { finding, ...(await attempt(() => this.repair(finding))) };
    }
    if (temporary.length === 0) return;
    const outcome = await attempt(() => this.rollback.recover().then(() => undefined));
    for (const finding of temporary) yield { finding, ...outcome };
  }

  /** @returns where the bytes are now, if they were moved */
  private async repair(finding: Finding): Promise<string | undefined> {
    if (finding.kind === 'blob-unknown') return this.moveToQuarantine(finding);
    if (finding.kind === 'access-orphaned') await this.deleteOrphan(finding.accessId!);
    if (finding.kind === 'usage-wrong') await this.units.run((unit) => this.usage.recount(unit, finding.ownerId!));
    if (finding.kind === 'name-key') await this.renewNameKey(finding.fileId!);
    if (finding.kind === 'reservation-wrong') await this.holdAnew(finding.uploadId!);
    if (finding.kind === 'upload-dead' || finding.kind === 'upload-lost') await this.undo(finding.fileId!);
    if (finding.kind === 'removal-failing') await this.removeBytes(finding.removalId!);
    return undefined;
  }

  private async moveToQuarantine({ storageId, key }: Finding): Promise<string> {
    const path = await this.drivers.of(storageId!)!.quarantine.take(key!, new Date().toISOString().slice(0, 10));
    return `quarantine/${path}`;
  }

  private async renewNameKey(fileId: number): Promise<void> {
    const file = await this.dataSource.manager.findOneByOrFail(File, { id: fileId });
    await this.units.run((unit) =>
      unit.change('UPDATE files SET nameKey = ?, foldedName = ? WHERE id = ?', [
        keyOfName(file.name),
        foldName(file.name),
        fileId,
      ]),
    );
  }

  /** It can never open anything again: the id of a file is not used twice. */
  private async deleteOrphan(accessId: number): Promise<void> {
    await this.units.run((unit) =>
      unit.change(
        `DELETE FROM accesses WHERE id = ? AND NOT EXISTS
         (SELECT 1 FROM files f WHERE f.id = accesses.fileId AND f.state = 'live')`,
        [accessId],
      ),
    );
  }

  private async holdAnew(uploadId: string): Promise<void> {
    const isPending = "EXISTS (SELECT 1 FROM files f WHERE f.id = uploads.fileId AND f.state = 'pending')";
    await this.units.run((unit) =>
      unit.change(`UPDATE uploads SET reserved = CASE WHEN ${isPending} THEN length ELSE NULL END WHERE id = ?`, [
        uploadId,
      ]),
    );
  }

  private async undo(fileId: number): Promise<void> {
    const pending = { id: fileId, state: 'pending' } as const;
    const claim = await this.dataSource.manager.findOneBy(File, pending);
    if (claim) await this.rollback.rollBackDead(claim);
    if (await this.dataSource.manager.existsBy(File, pending)) throw new Error('its bytes cannot be removed');
  }

  private async removeBytes(id: number): Promise<void> {
    const removal = await this.dataSource.manager.findOneBy(BlobRemoval, { id });
    if (!removal) return;
    await this.removals.removeBytes(removal);
    await this.removals.settled();
  }
}

async function attempt(work: () => Promise<string | undefined>): Promise<Omit<Repair, 'finding'>> {
  try {
    return { outcome: 'repaired', detail: await work() };
  } catch (error) {
    return { outcome: 'failed', detail: (error as Error).message };
  }
}
