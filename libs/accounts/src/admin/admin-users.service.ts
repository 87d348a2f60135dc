import { ContractError } from '@app/contract';
import { type Role, type Unit, UnitOfWork, User } from '@app/database';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { isPassword } from '../passwords/password-rule.js';
import { type Reserved, Usage } from '../usage.js';
import { foldUsername } from '../username.js';
import { MAX_FILES } from './dto/admin-limits.dto.js';

/** Limits to be set; what is left out stays. */
export interface NewLimits {
  readonly maxFiles?: number;
  /** Bytes. */
  readonly maxStorage?: number;
}

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

  /** Users in the order of their ids, which is that of their coming. A page costs the same however far down it is. */
  async page(after: number, limit: number): Promise<UserPage> {
    const users = await this.dataSource.manager.find(User, {
      where: { id: MoreThan(after) },
      order: { id: 'ASC' },
      take: limit + 1,
    });
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
   * Sets limits, also below what is used: that deletes nothing and only stops uploads.
   * @throws ContractError maxFilesNegative, maxStorageNegative, badRequest, userNotFound
   */
  async setLimits({ id }: User, { maxFiles, maxStorage }: NewLimits): Promise<User> {
    if (maxFiles !== undefined && maxFiles < 0) throw new ContractError('maxFilesNegative');
    if (maxStorage !== undefined && maxStorage < 0) throw new ContractError('maxStorageNegative');
    if ((maxFiles ?? 0) > MAX_FILES || !Number.isSafeInteger(maxStorage ?? 0)) throw new ContractError('badRequest');
    const user = await this.change(id, (unit) =>
      unit.change(
        'UPDATE users SET maxFiles = COALESCE(?, maxFiles), maxStorage = COALESCE(?, maxStorage) WHERE id = ?',
        [maxFiles ?? null, maxStorage ?? null, id],
      ),
    );
    this.logger.log({ event: 'limits-set', userId: id, maxFiles: user.maxFiles, maxStorage: user.maxStorage });
    return user;
  }

  async setRole({ id }: User, role: Role): Promise<User> {
    return this.change(id, (unit) => unit.change('UPDATE users SET role = ? WHERE id = ?', [role, id]));
  }

  /** Shuts a user out at once: no log-in, no token, no link to a file of theirs. Disabling ends every session. */
  async setDisabled({ id }: User, disabled: boolean): Promise<User> {
    return this.change(id, async (unit) => {
      const changed = await unit.change('UPDATE users SET disabled = ? WHERE id = ?', [disabled ? 1 : 0, id]);
      if (disabled) await unit.change('DELETE FROM sessions WHERE userId = ?', [id]);
      return changed;
    });
  }

  /**
   * Sets a new password and ends every session.
   * @throws ContractError badRequest for a password that nobody may choose
   */
  async resetPassword({ id }: User, password: string): Promise<User> {
    if (!isPassword(password))
      throw new ContractError('badRequest', { text: 'The password must be text of 8 to 128 characters' });
    const passwordHash = await this.passwords.hash(password);
    return this.change(id, async (unit) => {
      const changed = await unit.change('UPDATE users SET passwordHash = ? WHERE id = ?', [passwordHash, id]);
      await unit.change('DELETE FROM sessions WHERE userId = ?', [id]);
      return changed;
    });
  }

  /** Removes the account itself, last of all: the database refuses it while a file of the user is left. */
  async remove({ id }: User): Promise<void> {
    await this.units.run(async (unit) => {
      await unit.change('DELETE FROM sessions WHERE userId = ?', [id]);
      await unit.change('DELETE FROM users WHERE id = ?', [id]);
    });
    this.logger.log({ event: 'user-deleted', userId: id });
  }

  private async change(id: number, work: (unit: Unit) => Promise<number>): Promise<User> {
    return this.units.run(async (unit) => {
      if ((await work(unit)) !== 1) throw new ContractError('userNotFound');
      return unit.manager.findOneByOrFail(User, { id });
    });
  }
}
