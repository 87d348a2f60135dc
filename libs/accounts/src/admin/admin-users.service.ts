import { ContractError } from '@app/contract';
import { type Unit, UnitOfWork, User } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, IsNull, MoreThan, Not } from 'typeorm';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { requireValid } from '../require-valid.js';
import { type Reserved, Usage } from '../usage.js';
import { foldUsername } from '../username.js';
import type { UpdateLimitsDto } from './dto/admin-limits.dto.js';
import { UpdateUserDto } from './dto/managed-user.dto.js';

/** What is stored as it is given. */
const COLUMNS = ['name', 'email', 'role', 'disabled', 'maxFiles', 'maxStorage'] as const;

export interface UserPage {
  /** With what is reserved for their unfinished uploads. */
  readonly users: (User & Partial<Reserved>)[];
  /** The id behind which the next page begins. */
  readonly next: number | null;
}

/** What admins do with accounts, over the wire and on the command line. */
@Injectable()
export class AdminUsersService {
  private readonly logger = new Logger(AdminUsersService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly passwords: PasswordHasher,
    private readonly usage: Usage,
  ) {}

  /**
   * Users in the order of their ids, which is that of their coming. A page costs the same however far down it is.
   * @param q a part of the user name, the name or the address, in any case; with it the time may grow
   */
  async page(after: number, limit: number, q = ''): Promise<UserPage> {
    const query = this.dataSource.createQueryBuilder(User, 'user').where({ id: MoreThan(after) });
    const fields = ['username', 'name', 'email'].map((name) => `INSTR(LOWER(user.${name}), :q) > 0`);
    if (q !== '') query.andWhere(`(${fields.join(' OR ')})`, { q: q.toLowerCase() });
    const users = await query
      .orderBy('user.id')
      .take(limit + 1)
      .getMany();
    const more = users.length > limit;
    const page = users.slice(0, limit);
    const reserved = await this.usage.reservedOf(page.map(({ id }) => id));
    return {
      users: page.map((user) => Object.assign(user, reserved.get(user.id))),
      next: more ? page.at(-1)!.id : null,
    };
  }

  /** @throws ContractError userNotFound */
  async byName(username: string): Promise<User> {
    const user = await this.dataSource.manager.findOneBy(User, { username: foldUsername(username) });
    if (!user) throw new ContractError('userNotFound');
    return user;
  }

  /**
   * Changes an account; what is left out stays. A new password and a shutting-out end every session. Limits may be below
   * what is used: that deletes nothing and only stops uploads.
   * @throws ContractError maxFilesNegative, maxStorageNegative, badRequest for what nobody may have
   * @throws ContractError lastAdmin, accountBeingRemoved, userNotFound
   */
  async update({ id }: User, changes: UpdateUserDto): Promise<User> {
    assertLimits(changes);
    await requireValid(Object.assign(new UpdateUserDto(), changes));
    const columns = await this.columnsOf(changes);
    const user = await this.units.run(async (unit) => {
      if (changes.role === 'user' || changes.disabled) await requireAnotherAdmin(unit, id);
      if (changes.disabled === false) await requireStaying(unit, id);
      await set(unit, id, columns);
      if (changes.disabled || changes.password !== undefined) await endSessions(unit, id);
      const changed = await unit.manager.findOneBy(User, { id });
      if (!changed) throw new ContractError('userNotFound');
      return changed;
    });
    this.logger.log({ event: 'user-updated', userId: id, changed: columns.map(([name]) => name).join(' ') });
    return user;
  }

  /**
   * Shuts a user out for good: from here the account is gone for everybody, and the rest of it will follow.
   * @param passwordHash whose knowledge has been proved; it must still be this one
   * @throws ContractError lastAdmin, invalidCredentials
   */
  async beginRemoval({ id }: Pick<User, 'id'>, passwordHash?: string): Promise<void> {
    await this.units.run(async (unit) => {
      await requireAnotherAdmin(unit, id);
      const proved = passwordHash === undefined ? '' : ' AND passwordHash = ?';
      const changed = await unit.change(
        `UPDATE users SET disabled = 1, removedAt = COALESCE(removedAt, ?) WHERE id = ?${proved}`,
        [Date.now(), id, ...(passwordHash === undefined ? [] : [passwordHash])],
      );
      if (changed === 0 && passwordHash !== undefined) throw new ContractError('invalidCredentials');
      await endSessions(unit, id);
    });
    this.logger.log({ event: 'user-removal', userId: id });
  }

  /** Accounts whose removal has begun and is not whole yet. */
  leaving(): Promise<User[]> {
    return this.dataSource.manager.findBy(User, { removedAt: Not(IsNull()) });
  }

  /** Removes the account itself, last of all: the database refuses it while a file of the user is left. */
  async remove({ id }: User): Promise<void> {
    await this.units.run(async (unit) => {
      await unit.change('DELETE FROM sessions WHERE userId = ?', [id]);
      await unit.change('DELETE FROM users WHERE id = ?', [id]);
    });
    this.logger.log({ event: 'user-deleted', userId: id });
  }

  private async columnsOf({ password, ...changes }: UpdateUserDto): Promise<[string, string | number][]> {
    const columns = COLUMNS.filter((name) => changes[name] !== undefined).map((name): [string, string | number] => {
      const value = changes[name]!;
      return [name, typeof value === 'boolean' ? Number(value) : value];
    });
    return password === undefined ? columns : [...columns, ['passwordHash', await this.passwords.hash(password)]];
  }
}

/** @throws ContractError maxFilesNegative, maxStorageNegative */
export function assertLimits({ maxFiles = 0, maxStorage = 0 }: UpdateLimitsDto): void {
  if (maxFiles < 0) throw new ContractError('maxFilesNegative');
  if (maxStorage < 0) throw new ContractError('maxStorageNegative');
}

/**
 * Somebody must be left who can make others admins. All admins are locked together: of two who take each other away at
 * once, one stays.
 */
async function requireAnotherAdmin(unit: Unit, id: number): Promise<void> {
  const sql = `SELECT id FROM users WHERE role = 'admin' AND disabled = 0 ORDER BY id${unit.forUpdate}`;
  const admins = await unit.rows<{ id: number }>(sql, []);
  if (admins.length === 1 && admins[0]!.id === id) throw new ContractError('lastAdmin');
}

/** Who is let in again half-way through would find his files gone. */
async function requireStaying(unit: Unit, id: number): Promise<void> {
  const sql = `SELECT id FROM users WHERE id = ? AND removedAt IS NOT NULL${unit.forUpdate}`;
  if ((await unit.rows(sql, [id])).length > 0) throw new ContractError('accountBeingRemoved');
}

async function set(unit: Unit, id: number, columns: [string, string | number][]): Promise<void> {
  if (columns.length === 0) return;
  const assignments = columns.map(([name]) => `${name} = ?`).join(', ');
  await unit.change(`UPDATE users SET ${assignments} WHERE id = ?`, [...columns.map(([, value]) => value), id]);
}

async function endSessions(unit: Unit, id: number): Promise<void> {
  await unit.change('DELETE FROM sessions WHERE userId = ?', [id]);
}
