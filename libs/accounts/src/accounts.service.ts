import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { isUniqueViolation, type Role, UnitOfWork, User } from '@app/database';
import { networkOf, type RateLimit, type RequestClient, Throttles } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionPrincipal } from './auth/principal.js';
import { NewAccountDto } from './dto/account.dto.js';
import type { ChangePasswordDto } from './dto/change-password.dto.js';
import type { UpdateAccountDto } from './dto/update-account.dto.js';
import { SignUpDto } from './dto/sign-up.dto.js';
import { UserLimitsDto } from './dto/user-limits.dto.js';
import { OwnerProof } from './oidc/owner-proof.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { requireValid } from './require-valid.js';
import { type OpenedSession, SessionsService } from './sessions.service.js';
import { Usage } from './usage.js';
import { foldUsername } from './username.js';

/** What an account may be given by an admin, but not by itself. */
export interface AccountOptions {
  readonly role?: Role | undefined;
  readonly maxFiles?: number | undefined;
  /** Bytes. */
  readonly maxStorage?: number | undefined;
}

/** What a user row is made of. */
export type Person = Pick<User, 'username' | 'name' | 'email' | 'passwordHash'>;
export type NewUser = Omit<User, 'id' | 'files' | 'sessions'>;

/** Makes accounts and changes what belongs to them. */
@Injectable()
export class AccountsService {
  private readonly logger = new Logger(AccountsService.name);
  private readonly signUps: RateLimit;

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly usage: Usage,
    private readonly units: UnitOfWork,
    private readonly passwords: PasswordHasher,
    private readonly proof: OwnerProof,
    private readonly sessions: SessionsService,
    throttles: Throttles,
  ) {
    this.signUps = throttles.limit('sign-up', config.signUpLimit);
  }

  /**
   * Makes the account that a stranger asked for.
   * @throws ContractError `tooManyRequests` after so many accounts from this network
   * @throws ContractError as `create` does
   */
  async signUp(body: SignUpDto, client: RequestClient): Promise<NewAccountDto> {
    const account = await this.throttled(client, () => this.make(body));
    this.logger.log({ event: 'sign-up', userId: account.id, username: account.username, address: client.address });
    return account;
  }

  /**
   * Makes an account for a stranger, by whatever `work` does; a failure does not count.
   * @throws ContractError `tooManyRequests` after so many accounts from this network
   */
  async throttled<Result>(client: RequestClient, work: () => Promise<Result>): Promise<Result> {
    const network = networkOf(client.address);
    await this.signUps.take(network);
    return work().catch(async (error: unknown) => {
      await this.signUps.giveBack(network);
      throw error;
    });
  }

  /**
   * Makes an account for an admin.
   * @throws ContractError `badRequest` with what is wrong, `usernameTaken`, or `unavailable` when too many are waiting
   */
  async create(body: SignUpDto, options: AccountOptions = {}): Promise<NewAccountDto> {
    const account = await this.make(body, options);
    this.logger.log({ event: 'user-created', userId: account.id, role: options.role ?? 'user' });
    return account;
  }

  /** For a sign-up as for an admin: the rules are the same. */
  private async make(account: SignUpDto, options: AccountOptions = {}): Promise<NewAccountDto> {
    await requireValid(Object.assign(new SignUpDto(), account));
    const { name, email, password } = account;
    const passwordHash = await this.passwords.hash(password);
    const user = this.newUser({ username: foldUsername(account.username), name, email, passwordHash }, options);
    return NewAccountDto.of({ ...user, id: await this.insert(user) });
  }

  /** A user as he is when nobody has done anything yet. */
  newUser(person: Person, options: AccountOptions = {}): NewUser {
    return {
      ...person,
      role: options.role ?? 'user',
      disabled: false,
      maxFiles: options.maxFiles ?? this.config.defaultMaxFiles,
      maxStorage: options.maxStorage ?? this.config.defaultMaxStorage,
      usedFiles: 0,
      usedBytes: 0,
      receiptChain: null,
      receiptSequence: 0,
      receiptHash: null,
      removedAt: null,
      createdAt: Date.now(),
    };
  }

  /**
   * Replaces the password and ends every session, also those of whoever knew the old one; opens a new one, of the kind of
   * the request's.
   * @throws ContractError as OwnerProof.require does
   */
  async changePassword(
    principal: SessionPrincipal,
    { currentPassword, newPassword }: ChangePasswordDto,
    client: RequestClient,
  ): Promise<OpenedSession> {
    const user = await this.proof.require(principal, currentPassword, client);
    const passwordHash = await this.passwords.hash(newPassword);
    const opened = await this.units.run(async (unit) => {
      const changed = await unit.change(
        'UPDATE users SET passwordHash = ? WHERE id = ? AND passwordHash = ? AND disabled = 0',
        [passwordHash, user.id, user.passwordHash],
      );
      // Of two changes at once the second one's current password is no longer that.
      if (changed === 0) throw new ContractError('invalidCredentials');
      await unit.change('DELETE FROM sessions WHERE userId = ?', [user.id]);
      return this.sessions.open(unit, user, principal.via === 'cookie' ? 'cookie' : 'jwt', client);
    });
    const sessionId = opened.session.id;
    this.logger.log({ event: 'password-changed', userId: user.id, sessionId, address: client.address });
    return opened;
  }

  /** @throws ContractError `userNotFound` */
  async get(id: number): Promise<User> {
    const user = await this.dataSource.getRepository(User).findOneBy({ id });
    if (!user) throw new ContractError('userNotFound');
    return user;
  }

  /**
   * Changes what a user may change of himself; what is left out stays.
   * @throws ContractError `userNotFound`
   */
  async update(id: number, { name, email }: UpdateAccountDto): Promise<User> {
    const user = await this.units.run(async (unit) => {
      const parameters = [name ?? null, email ?? null, id];
      const sql = 'UPDATE users SET name = COALESCE(?, name), email = COALESCE(?, email) WHERE id = ?';
      if ((await unit.change(sql, parameters)) !== 1) throw new ContractError('userNotFound');
      return unit.manager.findOneByOrFail(User, { id });
    });
    this.logger.log({ event: 'account-updated', userId: id });
    return user;
  }

  /** @throws ContractError `userNotFound` */
  async limits(userId: number): Promise<UserLimitsDto> {
    const room = await this.usage.of(userId);
    if (!room) throw new ContractError('userNotFound');
    return UserLimitsDto.of(room);
  }

  private async insert(user: NewUser): Promise<number> {
    try {
      const { identifiers } = await this.units.run((unit) => unit.manager.insert(User, { ...user }));
      return identifiers[0]!.id as number;
    } catch (error) {
      // The key decides, not a look beforehand, which two sign-ups at once would both pass.
      if (isUniqueViolation(error)) throw new ContractError('usernameTaken', { cause: error });
      throw error;
    }
  }
}
