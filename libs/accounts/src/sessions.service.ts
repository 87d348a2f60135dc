import { randomUUID } from 'node:crypto';
import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { Session, type Unit, UnitOfWork, type User } from '@app/database';
import type { RequestClient } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import type { SessionPrincipal } from './auth/principal.js';
import { newSecret, secretHash } from './auth/secrets.js';
import { CredentialsService } from './credentials.service.js';
import type { LogInDto } from './dto/log-in.dto.js';

const MAX_USER_AGENT = 255;
/** Sessions a user may have at once; a log-in beyond them ends the one that was used least recently. */
const MAX_SESSIONS = 100;
/** More than anybody can have, where a statement wants a number. */
const ALL = 1_000_000;

/** What a session is known by: a program's token says its id, a browser's cookie a secret of its own. */
export type SessionKind = 'jwt' | 'cookie';

/** A session that has just been opened. */
export interface OpenedSession {
  readonly user: User;
  readonly session: Session;
  /** Of a browser's session: the one moment at which it is known. */
  readonly secret: string | undefined;
}

/** Opens, lists and ends sessions. A session is what a token or a cookie stands for; one without it is dead. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly credentials: CredentialsService,
  ) {}

  /** @throws ContractError as CredentialsService.check does */
  async logIn({ username, password }: LogInDto, kind: SessionKind, client: RequestClient): Promise<OpenedSession> {
    const user = await this.credentials.check(username, password, client);
    // Also on a full disk: who wants to make room there must get in.
    const opened = await this.units.free(async (unit) => {
      await this.requireUnchanged(unit, user);
      return this.open(unit, user, kind, client);
    });
    this.logger.log({ event: 'login', userId: user.id, sessionId: opened.session.id, address: client.address });
    return opened;
  }

  /** Opens a session in the caller's transaction, which has locked the user. */
  async open(unit: Unit, user: User, kind: SessionKind, { userAgent }: RequestClient): Promise<OpenedSession> {
    await this.makeRoom(unit, user.id);
    const now = Date.now();
    const secret = kind === 'cookie' ? newSecret() : undefined;
    const ttlMs = kind === 'cookie' ? this.config.sessionTtlMs : this.config.jwtTtlMs;
    const row = {
      id: randomUUID(),
      userId: user.id,
      secretHash: secret === undefined ? null : secretHash(secret),
      createdAt: now,
      // Whole seconds, because that is all that a token can say.
      expiresAt: Math.floor((now + ttlMs) / 1000) * 1000,
      lastSeenAt: now,
      provedAt: null,
      userAgent: userAgent.slice(0, MAX_USER_AGENT),
    };
    await unit.manager.insert(Session, row);
    return { user, session: row as Session, secret };
  }

  /** Ends the session of the request. */
  async logOut({ user, sessionId }: SessionPrincipal): Promise<void> {
    await this.remove(sessionId, user.id);
    this.logger.log({ event: 'logout', userId: user.id, sessionId });
  }

  /** A user's living sessions, the newest first. */
  async list(userId: number): Promise<Session[]> {
    return this.dataSource.getRepository(Session).find({
      where: { userId, expiresAt: MoreThan(Date.now()) },
      order: { createdAt: 'DESC', id: 'ASC' },
    });
  }

  /** @throws ContractError `sessionNotFound`, also for another user's session */
  async end(userId: number, sessionId: string): Promise<void> {
    if (!(await this.remove(sessionId, userId))) throw new ContractError('sessionNotFound');
    this.logger.log({ event: 'session-ended', userId, sessionId });
  }

  /** Ends every session of a user. @returns how many there were */
  async endAll(userId: number): Promise<number> {
    const ended = await this.units.run((unit) => unit.change('DELETE FROM sessions WHERE userId = ?', [userId]));
    this.logger.log({ event: 'sessions-ended', userId, ended });
    return ended;
  }

  private async remove(sessionId: string, userId: number): Promise<boolean> {
    const removed = await this.units.run((unit) =>
      unit.change('DELETE FROM sessions WHERE id = ? AND userId = ?', [sessionId, userId]),
    );
    return removed === 1;
  }

  /** Leaves at most so many sessions that one more fits. */
  private async makeRoom(unit: Unit, userId: number): Promise<void> {
    await unit.change('DELETE FROM sessions WHERE userId = ? AND expiresAt <= ?', [userId, Date.now()]);
    const beyond = await unit.rows<{ id: string }>(
      'SELECT id FROM sessions WHERE userId = ? ORDER BY lastSeenAt DESC, createdAt DESC, id LIMIT ? OFFSET ?',
      [userId, ALL, MAX_SESSIONS - 1],
    );
    for (const { id } of beyond) await unit.change('DELETE FROM sessions WHERE id = ?', [id]);
  }

  /** Else a log-in with the old password could outlive the password change that ran beside it. */
  private async requireUnchanged(unit: Unit, { id, passwordHash }: User): Promise<void> {
    const unchanged = await unit.rows(
      `SELECT id FROM users WHERE id = ? AND passwordHash = ? AND disabled = 0${unit.forUpdate}`,
      [id, passwordHash],
    );
    if (unchanged.length === 0) throw new ContractError('invalidCredentials');
  }
}
