import { ApiErrors, MessageBody } from '@app/contract';
import { Client, type RequestClient } from '@app/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { AuthenticatedUser } from './auth/authenticated-user.js';
import { CurrentUser } from './auth/current-user.decorator.js';
import { Public } from './auth/public.decorator.js';
import { LoggedInDto, LogInDto } from './dto/log-in.dto.js';
import { SessionsDto } from './dto/session.dto.js';
import { SessionsService } from './sessions.service.js';

const LOGGED_OUT: MessageBody = { message: 'Logged out' };
const SESSION_ENDED: MessageBody = { message: 'Session ended' };

const WRONG_BODY = { error: 'password must be a string', details: { password: ['password must be a string'] } };

@ApiTags('sessions')
@Controller()
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

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
  logIn(@Body() body: LogInDto, @Client() client: RequestClient): Promise<LoggedInDto> {
    return this.sessions.logIn(body, client);
  }

  @Post('logout')
  @HttpCode(200)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Log out: ends this session' })
  @ApiOkResponse({ type: MessageBody, example: LOGGED_OUT })
  @ApiErrors('notAuthenticated', 'internal', 'unavailable', 'insufficientStorage')
  async logOut(@CurrentUser() user: AuthenticatedUser): Promise<MessageBody> {
    await this.sessions.logOut(user);
    return LOGGED_OUT;
  }

  @Get('user/sessions')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'My sessions, the newest first' })
  @ApiOkResponse({ type: SessionsDto })
  @ApiErrors('notAuthenticated', 'internal', 'unavailable')
  async list(@CurrentUser() user: AuthenticatedUser): Promise<SessionsDto> {
    return { sessions: await this.sessions.list(user) };
  }

  @Delete('user/sessions/:id')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'End one of my sessions' })
  @ApiParam({ name: 'id', type: String, example: '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d' })
  @ApiOkResponse({ type: MessageBody, example: SESSION_ENDED })
  @ApiErrors('notAuthenticated', 'sessionNotFound', 'internal', 'unavailable', 'insufficientStorage')
  async end(@CurrentUser() user: AuthenticatedUser, @Param('id') sessionId: string): Promise<MessageBody> {
    await this.sessions.end(user, sessionId);
    return SESSION_ENDED;
  }
}
