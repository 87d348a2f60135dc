import { Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { SessionCookie } from './auth/session-cookie.js';
import { SessionTokens } from './auth/session-tokens.js';
import { LoggedInDto, SessionOpenedDto } from './dto/log-in.dto.js';
import type { OpenedSession } from './sessions.service.js';

/** What a client gets to hear of the session that has been opened for it; only after the commit. */
@Injectable()
export class SessionAnswers {
  constructor(
    private readonly tokens: SessionTokens,
    private readonly cookie: SessionCookie,
  ) {}

  /** A browser gets its secret in a cookie and nothing else; a program gets a token. */
  of({ user, session, secret }: OpenedSession, reply: FastifyReply): LoggedInDto | SessionOpenedDto {
    const { id, createdAt, expiresAt } = session;
    if (secret === undefined) {
      return LoggedInDto.of(user, {
        token: this.tokens.sign({ sessionId: id, userId: user.id, createdAt, expiresAt }),
        expiresAt,
      });
    }
    this.cookie.give(reply, secret, expiresAt);
    return SessionOpenedDto.of(user, expiresAt);
  }
}
