import { HeldKey, Usage } from '@app/accounts';
import { ContractError } from '@app/contract';
import { File, isUniqueViolation, type Unit, UnitOfWork, type User } from '@app/database';
import { Servers } from '@app/leases';
import { type BlobDigest, Storages } from '@app/storage';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { NewFile } from '../file-rows.js';
import { draftOf, insertDraft, isRecorded, NameHeldError, nameTaken } from './file-draft.js';
import { type Imported, takenOver } from './incoming.js';
import { RemovalsService } from '../removals/removals.service.js';
import { insertUpload, markFinished, type NewUpload } from '../uploads/upload-rows.js';

/** The record of an upload before it is acknowledged: it holds the name and the key of bytes that may or may not be there. */
export type Claim = NewFile & Pick<File, 'id'>;

/** What an upload that outlives its requests is announced with. */
export type Reservation = Pick<NewUpload, 'id' | 'length' | 'metadata' | 'expiresAt'>;

/** What goes with it when an upload becomes a file. */
export interface Becoming {
  /** Of the request that the file completes. */
  readonly key?: HeldKey | undefined;
  /** Whether its room was reserved. */
  readonly promised?: boolean;
  /** Of a file that was one elsewhere. */
  readonly imported?: Imported | undefined;
}

/** The records of uploads: claimed before the first byte, made live after the last. `PendingRows` drops them. */
@Injectable()
export class UploadClaims {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly usage: Usage,
    private readonly storages: Storages,
    private readonly removals: RemovalsService,
    private readonly servers: Servers,
  ) {}

  /**
   * Claims a name for an upload, and with a reservation its room.
   * @throws ContractError nameTaken, also while bytes of a deleted file of that name cannot be removed
   */
  async claim(owner: Pick<User, 'id' | 'username'>, name: string, reservation?: Reservation): Promise<Claim> {
    // An upload that outlives its requests is nobody's between them.
    const serverId = reservation ? '' : this.servers.own;
    const draft = { ...draftOf(this.storages.current, owner, name), serverId };
    const id = await this.insert(draft, reservation);
    if (id !== undefined) return { ...draft, id };
    await this.removals.freeName(draft);
    const secondId = await this.insert(draft, reservation);
    if (secondId === undefined) throw new ContractError('nameTaken');
    return { ...draft, id: secondId };
  }

  /**
   * Makes the file live and counts it, if the owner has room for it.
   * @param key of the request that the file completes
   * @returns the file
   * @throws ContractError fileLimitExceeded, storageLimitExceeded
   */
  async makeLive(claim: Claim, digest: BlobDigest, { key, ...becoming }: Becoming = {}): Promise<File> {
    return HeldKey.run(
      key,
      this.units,
      (unit) => this.makeLiveWithin(unit, claim, digest, becoming),
      ({ id }) => ({ fileId: id }),
      (unit) => isLive(unit, claim),
    );
  }

  private async makeLiveWithin(
    unit: Unit,
    claim: Claim,
    digest: BlobDigest,
    { promised = false, imported }: Becoming,
  ): Promise<File> {
    const { ownerId, extension } = claim;
    await this.usage.add(unit, ownerId, { extension, size: digest.size }, promised);
    const live = Object.assign(new File(), claim, digest, { state: 'live', serverId: '', updatedAt: Date.now() });
    const changed = await unit.change(
      `UPDATE files SET state = 'live', serverId = '', size = ?, sha256 = ?, updatedAt = ?
       WHERE id = ? AND state = 'pending' AND serverId = ?`,
      [live.size, live.sha256, live.updatedAt, live.id, this.servers.own],
    );
    if (changed !== 1) throw this.servers.areShared ? takenOver() : new Error('The claim of an upload is gone');
    if (promised) await markFinished(unit, live.id);
    return imported ? keepAsItWas(unit, live, imported) : live;
  }

  /** @returns the id, or undefined where a removal still holds the name */
  private async insert(draft: NewFile, reservation?: Reservation): Promise<number | undefined> {
    try {
      return await this.units.run(
        async (unit) => {
          if (reservation) await this.usage.reserve(unit, draft.ownerId, reservation.length);
          const id = await insertDraft(unit, draft, this.storages.current);
          if (reservation) await insertUpload(unit, uploadOf(draft.ownerId, id, reservation));
          return id;
        },
        (unit, id) => isRecorded(unit, id, draft),
      );
    } catch (error) {
      if (error instanceof NameHeldError) return undefined;
      throw isUniqueViolation(error) ? await nameTaken(this.dataSource, draft, error) : error;
    }
  }
}

async function keepAsItWas(unit: Unit, live: File, imported: Imported): Promise<File> {
  const { createdAt = live.createdAt, public: isPublic = live.public } = imported;
  await unit.change('UPDATE files SET createdAt = ?, public = ? WHERE id = ?', [createdAt, Number(isPublic), live.id]);
  return Object.assign(live, { createdAt, public: isPublic });
}

/** What became of `makeLive` when the connection broke during COMMIT. */
async function isLive(unit: Unit, { id }: Claim): Promise<boolean> {
  const rows = await unit.rows(`SELECT id FROM files WHERE id = ? AND state = 'live'${unit.forUpdate}`, [id]);
  return rows.length === 1;
}

function uploadOf(ownerId: number, fileId: number, reservation: Reservation): NewUpload {
  return { ...reservation, ownerId, fileId, received: 0, reserved: reservation.length };
}
