import { setTimeout as delay } from 'node:timers/promises';
import { ContractError } from '@app/contract';
import { UnitOfWork } from '@app/database';
import { LIVING_SERVERS, Servers } from '@app/leases';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { listOf } from '../file-rows.js';
import { takenOver } from '../incoming/incoming.js';

/** Milliseconds between attempts to have an upload that another server has. */
const ASK_EVERY_MS = 100;

const FILE_OF = "id = (SELECT fileId FROM uploads WHERE id = ?) AND state = 'pending'";
const IS_FREE = `(serverId = ? OR serverId NOT IN (${LIVING_SERVERS}))`;
const OF_OTHERS = `SELECT id FROM files WHERE ${FILE_OF} AND serverId <> ? AND serverId IN (${LIVING_SERVERS})`;
const HAD = `
  SELECT u.id FROM uploads u JOIN files f ON f.id = u.fileId WHERE f.state = 'pending' AND f.serverId = ?`;

/**
 * Which of several servers has an upload that outlives its requests: one at a time, from a request's beginning to its end. A
 * server that is alone asks nobody.
 */
@Injectable()
export class UploadWriters {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly servers: Servers,
  ) {}

  /**
   * Takes an upload from nobody, or from a server that is dead.
   * @param deadline of waiting for a server that lives, by `performance.now()`
   * @throws ContractError uploadLocked; unavailable where this server may take nothing on
   */
  async take(uploadId: string, deadline: number): Promise<void> {
    if (!this.servers.areShared) return;
    if (!this.servers.isValid) throw takenOver();
    for (let asked = false; (await this.takeFree(uploadId)) === 0; asked = true) {
      // Neither free nor another's: there is nothing to have any more.
      if (!(await this.isElsewhere(uploadId))) return;
      if (!asked) await this.change('UPDATE uploads SET wanted = 1 WHERE id = ?', [uploadId]);
      if (performance.now() > deadline) throw new ContractError('uploadLocked', { retryAfter: 1 });
      await delay(ASK_EVERY_MS);
    }
  }

  /** Takes an upload from whoever has it, who learns it at his next step. */
  async seize(uploadId: string): Promise<void> {
    if (!this.servers.areShared) return;
    await this.change(`UPDATE files SET serverId = ? WHERE ${FILE_OF}`, [this.servers.own, uploadId]);
  }

  async giveBack(uploadId: string): Promise<void> {
    if (!this.servers.areShared) return;
    await this.change(`UPDATE files SET serverId = '' WHERE ${FILE_OF} AND serverId = ?`, [uploadId, this.servers.own]);
  }

  /** Whether a server that lives has it, and not this one. */
  async isElsewhere(uploadId: string): Promise<boolean> {
    if (!this.servers.areShared) return false;
    return (await this.dataSource.query<unknown[]>(OF_OTHERS, [uploadId, this.servers.own])).length > 0;
  }

  /** Uploads that this server has, as far as the database knows. */
  async had(): Promise<string[]> {
    if (!this.servers.areShared) return [];
    return (await this.dataSource.query<{ id: string }[]>(HAD, [this.servers.own])).map(({ id }) => id);
  }

  /** Those of some that other servers wait for. */
  async wanted(uploadIds: readonly string[]): Promise<string[]> {
    if (!this.servers.areShared || uploadIds.length === 0) return [];
    const { marks, values } = listOf(uploadIds);
    const sql = `SELECT id FROM uploads WHERE wanted = 1 AND id IN (${marks})`;
    return (await this.dataSource.query<{ id: string }[]>(sql, values)).map(({ id }) => id);
  }

  private takeFree(uploadId: string): Promise<number> {
    const { own } = this.servers;
    return this.units.run(async (unit) => {
      const sql = `UPDATE files SET serverId = ? WHERE ${FILE_OF} AND ${IS_FREE}`;
      const taken = await unit.change(sql, [own, uploadId, own]);
      if (taken > 0) await unit.change('UPDATE uploads SET wanted = 0 WHERE id = ? AND wanted = 1', [uploadId]);
      return taken;
    });
  }

  private change(sql: string, parameters: unknown[]): Promise<number> {
    return this.units.run((unit) => unit.change(sql, parameters));
  }
}
