import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { Identity, isUniqueViolation, type Unit, UnitOfWork, User } from '@app/database';
import type { RequestClient } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { isEmail } from 'class-validator';
import { DataSource } from 'typeorm';
import { AccountsService, type NewUser } from '../accounts.service.js';
import { type OpenedSession, SessionsService } from '../sessions.service.js';
import type { Profile, Verified } from './identity-provider.js';
import { usernamesFor } from './usernames.js';

const MAX_NAME = 100;
const MAX_EMAIL = 254;
const MAX_SUBJECT = 255;

/** A session of a user, who asked for something there. */
interface Asked {
  readonly userId: number;
  readonly sessionId: string;
}

/** Knows whose account an identity belongs to. Issuer and subject say who it is; names and addresses say nothing. */
@Injectable()
export class IdentitiesService {
  private readonly logger = new Logger(IdentitiesService.name);

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly accounts: AccountsService,
    private readonly sessions: SessionsService,
  ) {}

  list(userId: number): Promise<Identity[]> {
    return this.dataSource.manager.find(Identity, { where: { userId }, order: { id: 'ASC' } });
  }

  /**
   * Opens a browser's session for whoever has logged in; who comes for the first time gets an account.
   * @throws ContractError oidcFailed for who is shut out, signUpClosed for who has no account and gets none
   */
  async logIn(verified: Verified, client: RequestClient): Promise<OpenedSession> {
    const opened = (await this.open(verified, client)) ?? (await this.openFirst(verified, client));
    const { user, session } = opened;
    this.logger.log({ event: 'login', userId: user.id, sessionId: session.id, address: client.address, by: 'oidc' });
    return opened;
  }

  /** @throws ContractError oidcFailed where the session that asked has ended, identityTaken */
  async link({ issuer, subject }: Verified, asked: Asked): Promise<void> {
    await this.units.run(async (unit) => {
      await requireSession(unit, asked);
      const owner = await ownerOf(unit, issuer, subject);
      if (owner === undefined) await insert(unit, asked.userId, { issuer, subject });
      else if (owner !== asked.userId) throw new ContractError('identityTaken');
    });
    this.logger.log({ event: 'identity-linked', userId: asked.userId, issuer });
  }

  /**
   * Notes that the user of a session has just proved who he is.
   * @throws ContractError oidcFailed where the session has ended, or it is somebody else
   */
  async confirm({ issuer, subject }: Verified, asked: Asked): Promise<void> {
    await this.units.run(async (unit) => {
      await requireSession(unit, asked);
      if ((await ownerOf(unit, issuer, subject)) !== asked.userId) throw failed('Somebody else has logged in');
      await unit.change('UPDATE sessions SET provedAt = ? WHERE id = ?', [Date.now(), asked.sessionId]);
    });
  }

  /** @throws ContractError identityNotFound, lastWayIn where nobody could get into the account any more */
  async unlink(userId: number, id: number): Promise<void> {
    await this.units.run(async (unit) => {
      const sql = `SELECT passwordHash FROM users WHERE id = ?${unit.forUpdate}`;
      const [user] = await unit.rows<Pick<User, 'passwordHash'>>(sql, [userId]);
      const removed = await unit.change('DELETE FROM identities WHERE id = ? AND userId = ?', [id, userId]);
      if (removed !== 1) throw new ContractError('identityNotFound');
      const [left] = await unit.rows('SELECT id FROM identities WHERE userId = ?', [userId]);
      if (!user?.passwordHash && !left) throw new ContractError('lastWayIn');
    });
    this.logger.log({ event: 'identity-unlinked', userId });
  }

  /** None where nobody has this identity. */
  private open({ issuer, subject }: Verified, client: RequestClient): Promise<OpenedSession | undefined> {
    // Also on a full disk, as every log-in.
    return this.units.free(async (unit) => {
      const id = await ownerOf(unit, issuer, subject);
      if (id === undefined) return undefined;
      await unit.lock('users', id);
      const user = await unit.manager.findOneBy(User, { id });
      if (!user) return undefined;
      if (user.disabled) throw failed('The account is disabled');
      return this.sessions.open(unit, user, 'cookie', client);
    });
  }

  private async openFirst(verified: Verified, client: RequestClient): Promise<OpenedSession> {
    if ((this.config.oidcSignUp ?? this.config.signUp) === 'closed') throw new ContractError('signUpClosed');
    if (verified.subject.length > MAX_SUBJECT) throw failed('The subject is longer than a subject may be');
    const profile = await verified.profile();
    return this.accounts.throttled(client, () => this.signUp(verified, profile, client));
  }

  private async signUp(verified: Verified, profile: Profile, client: RequestClient): Promise<OpenedSession> {
    for (const username of usernamesFor(profile)) {
      const user = this.accounts.newUser({ username, ...personOf(profile, username), passwordHash: '' });
      const opened = await this.tryOut(verified, user, client);
      if (opened) {
        this.logger.log({ event: 'sign-up', userId: opened.user.id, username, address: client.address, by: 'oidc' });
        return opened;
      }
    }
    throw new Error('There is always another name');
  }

  /** None where the name is taken. The keys decide, not a look beforehand: the same person may come twice at once. */
  private async tryOut(verified: Verified, user: NewUser, client: RequestClient): Promise<OpenedSession | undefined> {
    try {
      return await this.units.run(async (unit) => {
        const { identifiers } = await unit.manager.insert(User, { ...user });
        const id = identifiers[0]!.id as number;
        await insert(unit, id, verified);
        return this.sessions.open(unit, { ...user, id } as User, 'cookie', client);
      });
    } catch (error) {
      if (isUniqueViolation(error)) return this.open(verified, client);
      throw error;
    }
  }
}

/** @returns the id of the user */
async function ownerOf(unit: Unit, issuer: string, subject: string): Promise<number | undefined> {
  const sql = 'SELECT userId FROM identities WHERE issuer = ? AND subject = ?';
  const [row] = await unit.rows<{ userId: number }>(sql, [issuer, subject]);
  return row?.userId;
}

async function insert(
  unit: Unit,
  userId: number,
  { issuer, subject }: Pick<Verified, 'issuer' | 'subject'>,
): Promise<void> {
  await unit.manager.insert(Identity, { userId, issuer, subject, createdAt: Date.now() });
}

/** What was asked for dies with the session: with its log-out, a new password, or its user's end. */
async function requireSession(unit: Unit, { userId, sessionId }: Asked): Promise<void> {
  const sql = `SELECT s.id FROM sessions s JOIN users u ON u.id = s.userId
    WHERE s.id = ? AND u.id = ? AND s.expiresAt > ? AND u.disabled = 0${unit.forUpdate}`;
  if ((await unit.rows(sql, [sessionId, userId, Date.now()])).length === 0) throw failed('The session has ended');
}

/** What a column takes; the rest the person may add. */
function personOf({ name, email }: Profile, username: string): Pick<User, 'name' | 'email'> {
  const shown = typeof name === 'string' ? name.replace(/\p{C}/gu, '').trim() : '';
  const address = typeof email === 'string' && email.length <= MAX_EMAIL ? email : '';
  const isAddress = isEmail(address, { require_tld: false, allow_ip_domain: true });
  return { name: [...shown].slice(0, MAX_NAME).join('') || username, email: isAddress ? address : '' };
}

const failed = (reason: string) => new ContractError('oidcFailed', { cause: new Error(reason) });
