import { randomUUID } from 'node:crypto';
import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { Session, type Unit, UnitOfWork, type User } from '@app/database';
import type { RequestClient } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource, MoreThan } from 'typeorm';
import type { AuthenticatedUser } from './auth/authenticated-user.js';
import { SessionTokens } from './auth/session-tokens.js';
import { CredentialsService } from './credentials.service.js';
import { LoggedInDto, type LogInDto } from './dto/log-in.dto.js';
import { SessionDto } from './dto/session.dto.js';

const MAX_USER_AGENT = 255;

/** Opens, lists and ends sessions. A session is what a token stands for; a token without one is dead. */
@Injectable()
export class SessionsService {
  private readonly logger = new Logger(SessionsService.name);

  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly credentials: CredentialsService,
    private readonly tokens: SessionTokens,
  ) {}

  /** @throws ContractError as CredentialsService.check does */
  async logIn({ username, password }: LogInDto, client: RequestClient): Promise<LoggedInDto> {
    const user = await this.credentials.check(username, password, client);
    const session = await this.units.run(async (unit) => {
      await this.requireUnchanged(unit, user);
      await unit.change('DELETE FROM sessions WHERE userId = ? AND expiresAt <= ?', [user.id, Date.now()]);
      return this.open(unit, user.id, client);
    });
    this.logger.log({ event: 'login', userId: user.id, sessionId: session.id, address: client.address });
    return this.answer(user, session);
  }

  /** Opens a session in the caller's transaction. */
  async open(unit: Unit, userId: number, { userAgent }: RequestClient): Promise<Session> {
    const now = Date.now();
    // Whole seconds, because that is all that the token can say.
    const expiresAt = Math.floor((now + this.config.jwtTtlMs) / 1000) * 1000;
    const session = { id: randomUUID(), userId, createdAt: now, expiresAt, lastSeenAt: now };
    const row = { ...session, userAgent: userAgent.slice(0, MAX_USER_AGENT) } as Session;
    await unit.manager.insert(Session, row);
    return row;
  }

  /** What a client gets to hear of the session that has been opened for it; only after the commit. */
  answer(user: User, { id, createdAt, expiresAt }: Session): LoggedInDto {
    return LoggedInDto.of(user, {
      token: this.tokens.sign({ sessionId: id, userId: user.id, createdAt, expiresAt }),
      expiresAt,
    });
  }

  /** Ends the session of the request. */
  async logOut({ id, sessionId }: AuthenticatedUser): Promise<void> {
    await this.remove(sessionId, id);
    this.logger.log({ event: 'logout', userId: id, sessionId });
  }

  /** The user's living sessions, the newest first. */
  async list({ id, sessionId }: AuthenticatedUser): Promise<SessionDto[]> {
    const sessions = await this.dataSource.getRepository(Session).find({
      where: { userId: id, expiresAt: MoreThan(Date.now()) },
      order: { createdAt: 'DESC', id: 'ASC' },
    });
    return sessions.map((session) => SessionDto.of(session, sessionId));
  }

  /** @throws ContractError `sessionNotFound`, also for another user's session */
  async end(user: AuthenticatedUser, sessionId: string): Promise<void> {
    if (!(await this.remove(sessionId, user.id))) throw new ContractError('sessionNotFound');
    this.logger.log({ event: 'session-ended', userId: user.id, sessionId });
  }

  private async remove(sessionId: string, userId: number): Promise<boolean> {
    const removed = await this.units.run((unit) =>
      unit.change('DELETE FROM sessions WHERE id = ? AND userId = ?', [sessionId, userId]),
    );
    return removed === 1;
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
