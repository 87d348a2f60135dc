import { type File, UnitOfWork } from '@app/database';
import { LIVING_SERVERS, Servers } from '@app/leases';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { insertRemoval, type NewRemoval } from '../file-rows.js';
import { markEnded } from '../uploads/upload-rows.js';
import { takenOver } from './incoming.js';

/** So much of a pending record as undoing its upload takes. */
export type DeadClaim = Pick<File, 'id' | 'ownerId' | 'nameKey' | 'storageId' | 'storageKey'>;
export type PendingRow = DeadClaim & Pick<File, 'createdAt' | 'serverId'>;

/** `others`: another server has taken it over. `live`: it is a file by now. */
export type Standing = 'own' | 'others' | 'live' | 'gone';

const PENDING = `
  SELECT id, ownerId, nameKey, storageId, storageKey, createdAt, serverId FROM files
  WHERE state = 'pending' AND storageId = ?`;
/** Uploads that outlive their requests: nobody undoes them because a process has ended. */
const RESUMABLE = '(SELECT 1 FROM uploads u WHERE u.fileId = files.id)';
const ELSEWHERE = `
  SELECT id FROM files WHERE ownerId = ? AND nameKey = ? AND state = 'pending'
  AND serverId NOT IN ('', ?) AND NOT EXISTS ${RESUMABLE}`;
const OF_THE_DEAD = `serverId <> ? AND serverId NOT IN (${LIVING_SERVERS})`;

/** Whose the pending records are. Where servers share the drive, each writes only what is its own, and takes over what a dead one left. */
@Injectable()
export class PendingRows {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly servers: Servers,
  ) {}

  /** Records that live and die with a request, and are this server's: all of them where it is the only one. */
  own(storageId: string): Promise<PendingRow[]> {
    const sql = `${PENDING} AND NOT EXISTS ${RESUMABLE}`;
    if (!this.servers.areShared) return this.dataSource.query(sql, [storageId]);
    return this.dataSource.query(`${sql} AND serverId = ?`, [storageId, this.servers.own]);
  }

  /** Takes over the records of dead servers that live and die with a request. @returns those that are this server's now */
  async takeOver(storageId: string): Promise<PendingRow[]> {
    const { areShared, own } = this.servers;
    if (!areShared) return [];
    const sql = `${PENDING} AND NOT EXISTS ${RESUMABLE} AND ${OF_THE_DEAD}`;
    const dead = await this.dataSource.query<PendingRow[]>(sql, [storageId, own]);
    const taken: PendingRow[] = [];
    for (const row of dead) if (await this.take(row.id)) taken.push(row);
    return taken;
  }

  /** Takes a record that no living server has. @returns whether it is this server's by that */
  async take(id: number): Promise<boolean> {
    const { areShared, own } = this.servers;
    if (!areShared) return false;
    const sql = `UPDATE files SET serverId = ? WHERE id = ? AND state = 'pending' AND ${OF_THE_DEAD}`;
    return (await this.units.run((unit) => unit.change(sql, [own, id, own]))) === 1;
  }

  /** Whether an upload of this name is under way at another server. */
  async isElsewhere(ownerId: number, nameKey: string): Promise<boolean> {
    const { areShared, own } = this.servers;
    if (!areShared) return false;
    return (await this.dataSource.query<unknown[]>(ELSEWHERE, [ownerId, nameKey, own])).length > 0;
  }

  /** The ids of all, by any server. */
  async ids(storageId: string): Promise<Set<number>> {
    return new Set((await this.dataSource.query<PendingRow[]>(PENDING, [storageId])).map(({ id }) => id));
  }

  /**
   * How a record stands. The lock waits for a transaction that changes it: a COMMIT can succeed without its answer.
   */
  standing({ id }: Pick<DeadClaim, 'id'>): Promise<Standing> {
    return this.units.run(async (unit) => {
      const sql = `SELECT state, serverId FROM files WHERE id = ?${unit.forUpdate}`;
      const [row] = await unit.rows<Pick<File, 'state' | 'serverId'>>(sql, [id]);
      if (!row) return 'gone';
      if (row.state === 'live') return 'live';
      return row.serverId === this.servers.own ? 'own' : 'others';
    });
  }

  /** @throws ContractError unavailable while others may soon hold this server for dead */
  assertTaking(): void {
    if (!this.servers.isValid) throw takenOver();
  }

  /**
   * Before the bytes get their key: whoever lost the upload while he was frozen learns it here.
   * @throws ContractError unavailable when another server has taken it over, or may do so soon
   */
  async assertOwn(claim: Pick<DeadClaim, 'id'>): Promise<void> {
    if (!this.servers.areShared) return;
    if (!this.servers.isValid || (await this.standing(claim)) !== 'own') throw takenOver();
  }

  /**
   * Drops a record, if it is still this server's, and gives its name back.
   * @param isDead whether a process wrote it that has ended: what that asked of a shared storage may still be carried out
   */
  async drop(claim: DeadClaim, isDead: boolean): Promise<void> {
    const { areShared, own, lateMs } = this.servers;
    const now = Date.now();
    await this.units.run(async (unit) => {
      const sql = `SELECT id FROM files WHERE id = ? AND state = 'pending' AND serverId = ?${unit.forUpdate}`;
      if ((await unit.rows(sql, [claim.id, own])).length === 0) return;
      const outlivedRequests = await markEnded(unit, claim.id, now);
      await unit.change('DELETE FROM files WHERE id = ?', [claim.id]);
      if (areShared && (isDead || outlivedRequests)) await insertRemoval(unit, removalOf(claim, now, now + lateMs));
    });
  }
}

/** Carried out later than anything that a dead server has asked for can still arrive. */
function removalOf({ ownerId, nameKey, storageId, storageKey }: DeadClaim, now: number, due: number): NewRemoval {
  const first = { attempts: 0, nextAttemptAt: due, lastError: null, createdAt: now };
  return { ownerId, fileId: null, nameKey, storageId, storageKey, ...first };
}
