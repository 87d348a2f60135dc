import { AppConfig } from '@app/config';
import { ApiErrors, MessageBody } from '@app/contract';
import { Client, DuringMaintenance, type RequestClient } from '@app/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuthenticatedUser } from './auth/authenticated-user.js';
import { CurrentPrincipal, CurrentSession, CurrentUser } from './auth/current-user.decorator.js';
import type { Principal, SessionPrincipal } from './auth/principal.js';
import { Public } from './auth/public.decorator.js';
import { refuseOtherSites } from './auth/same-origin.js';
import { ApiTokenScope } from './auth/scopes.js';
import { SessionCookie } from './auth/session-cookie.js';
import { LoggedInDto, LogInDto, SessionOpenedDto } from './dto/log-in.dto.js';
import { SessionDto, SessionsDto } from './dto/session.dto.js';
import { SessionAnswers } from './session-answers.js';
import { SessionsService } from './sessions.service.js';

const LOGGED_OUT: MessageBody = { message: 'Logged out' };
const SESSION_ENDED: MessageBody = { message: 'Session ended' };

const WRONG_BODY = { error: 'password must be a string', details: { password: ['password must be a string'] } };

@ApiTags('sessions')
@DuringMaintenance()
@Controller()
export class SessionsController {
  constructor(
    private readonly config: AppConfig,
    private readonly sessions: SessionsService,
    private readonly answers: SessionAnswers,
    private readonly cookie: SessionCookie,
  ) {}

  @Post('login')
  @HttpCode(200)
  @Public()
  @ApiOperation({ summary: 'Log in' })
  @ApiOkResponse({ type: LoggedInDto })
  @ApiErrors(
    ['badRequest', WRONG_BODY],
    'invalidBody',
    'invalidCredentials',
    'bodyTooLarge',
    'tooManyRequests',
    'internal',
    'unavailable',
    'insufficientStorage',
  )
  async logIn(
    @Body() body: LogInDto,
    @Client() client: RequestClient,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LoggedInDto | SessionOpenedDto> {
    return this.answers.of(await this.sessions.logIn(body, 'jwt', client), reply);
  }

  @Post('session')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    summary: 'Log in as a browser: the session is in a cookie',
    description: 'The cookie is HttpOnly and SameSite=Strict, and lives for SESSION_TTL from its last use.',
  })
  @ApiOkResponse({ type: SessionOpenedDto })
  @ApiErrors(
    ['badRequest', WRONG_BODY],
    'invalidBody',
    'invalidCredentials',
    'crossSiteRequest',
    'bodyTooLarge',
    'tooManyRequests',
    'internal',
    'unavailable',
    'insufficientStorage',
  )
  async open(
    @Req() request: FastifyRequest,
    @Body() body: LogInDto,
    @Client() client: RequestClient,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LoggedInDto | SessionOpenedDto> {
    // Another site's page must not log somebody in as somebody else.
    refuseOtherSites(request, this.config.publicUrl);
    return this.answers.of(await this.sessions.logIn(body, 'cookie', client), reply);
  }

  @Post('logout')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Log out: ends this session' })
  @ApiOkResponse({ type: MessageBody, example: LOGGED_OUT })
  @ApiErrors('notAuthenticated', 'internal', 'unavailable', 'insufficientStorage')
  async logOut(
    @CurrentSession() session: SessionPrincipal,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<MessageBody> {
    await this.sessions.logOut(session);
    if (session.via === 'cookie') this.cookie.clear(reply);
    return LOGGED_OUT;
  }

  @Get('user/sessions')
  @ApiTokenScope('account:read')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'My sessions, the newest first' })
  @ApiOkResponse({ type: SessionsDto })
  @ApiErrors('notAuthenticated', 'internal', 'unavailable')
  async list(@CurrentPrincipal() { user, sessionId }: Principal): Promise<SessionsDto> {
    const sessions = await this.sessions.list(user.id);
    return { sessions: sessions.map((session) => SessionDto.of(session, sessionId)) };
  }

  @Delete('user/sessions/:id')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'End one of my sessions' })
  @ApiParam({ name: 'id', type: String, example: '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d' })
  @ApiOkResponse({ type: MessageBody, example: SESSION_ENDED })
  @ApiErrors('notAuthenticated', 'sessionNotFound', 'internal', 'unavailable', 'insufficientStorage')
  async end(@CurrentUser() user: AuthenticatedUser, @Param('id') sessionId: string): Promise<MessageBody> {
    await this.sessions.end(user.id, sessionId);
    return SESSION_ENDED;
  }
}
