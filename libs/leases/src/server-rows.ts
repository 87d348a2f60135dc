import { VERSION } from '@app/config';
import type { Server, UnitOfWork } from '@app/database';
import type { DataSource } from 'typeorm';
import { NOW } from './database-clock.js';

/** Milliseconds for which a server that died is still shown. */
const REMEMBERED_MS = 24 * 3_600_000;

/** The ids of the servers whose leases are not over, for a condition: what none of these has under way may be taken over. */
export const LIVING_SERVERS = `SELECT id FROM servers WHERE expiresAt > ${NOW}`;

const KNOWN = `SELECT id, name, place, kind, version, secrets, startedAt, heartbeatAt, expiresAt > ${NOW} AS isAlive FROM servers`;
const RENEW = `UPDATE servers SET heartbeatAt = ${NOW}, expiresAt = ${NOW} + ? WHERE id = ?`;
const INSERT = `
  INSERT INTO servers (id, name, place, kind, version, secrets, startedAt, heartbeatAt, expiresAt)
  VALUES (?, ?, ?, ?, ?, ?, ${NOW}, ${NOW}, ${NOW} + ?)`;
const FORGET_FORMER = `DELETE FROM servers WHERE (place = ? AND kind = ?) OR expiresAt < ${NOW} - ${REMEMBERED_MS}`;

export type ServerRow = Omit<Server, 'expiresAt'> & { readonly isAlive: 0 | 1 };
/** What a server says of itself. */
export type OwnServer = Pick<Server, 'id' | 'name' | 'place' | 'kind' | 'secrets'>;

/** The statements of the leases. */
export class ServerRows {
  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  all(): Promise<ServerRow[]> {
    return this.dataSource.query(`${KNOWN} ORDER BY startedAt, id`);
  }

  /** Renews a lease, or takes it, also where somebody has forgotten it. */
  async renew({ id, name, place, kind, secrets }: OwnServer, leaseMs: number): Promise<void> {
    await this.units.run(async (unit) => {
      if ((await unit.change(RENEW, [leaseMs, id])) > 0) return;
      await unit.change(INSERT, [id, name, place, kind, VERSION, secrets, leaseMs]);
    });
  }

  /** Forgets earlier lives of this server, and what died long ago. */
  async forgetFormer({ place, kind }: OwnServer): Promise<void> {
    await this.units.run((unit) => unit.change(FORGET_FORMER, [place, kind]));
  }

  async remove(id: string): Promise<void> {
    await this.units.run((unit) => unit.change('DELETE FROM servers WHERE id = ?', [id]));
  }
}
