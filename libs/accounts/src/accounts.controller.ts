import { ApiErrors } from '@app/contract';
import { Client, JsonBodyGuard, type RequestClient } from '@app/http';
import { Body, Controller, Get, HttpCode, Patch, Post, Put, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { AccountsService } from './accounts.service.js';
import type { AuthenticatedUser } from './auth/authenticated-user.js';
import { CurrentSession, CurrentUser } from './auth/current-user.decorator.js';
import type { SessionPrincipal } from './auth/principal.js';
import { Public } from './auth/public.decorator.js';
import { ApiTokenScope } from './auth/scopes.js';
import { SignUpOpenGuard } from './auth/sign-up-open.guard.js';
import { AccountBody, AccountUpdatedDto, FullAccountDto, SignedUpDto } from './dto/account.dto.js';
import { ChangePasswordDto } from './dto/change-password.dto.js';
import { LoggedInDto, SessionOpenedDto } from './dto/log-in.dto.js';
import { SignUpDto } from './dto/sign-up.dto.js';
import { UpdateAccountDto } from './dto/update-account.dto.js';
import { UserLimitsDto } from './dto/user-limits.dto.js';
import { SessionAnswers } from './session-answers.js';
import { USERNAME_RULE } from './username.js';

const WRONG_ACCOUNT = { error: `username ${USERNAME_RULE}`, details: { username: [`username ${USERNAME_RULE}`] } };
const WRONG_PASSWORD = {
  error: 'newPassword must be text of 8 to 128 characters',
  details: { newPassword: ['newPassword must be text of 8 to 128 characters'] },
};

const WRONG_EMAIL = {
  error: 'email must be an e-mail address',
  details: { email: ['email must be an e-mail address'] },
};

@ApiTags('accounts')
@Controller()
export class AccountsController {
  constructor(
    private readonly accounts: AccountsService,
    private readonly answers: SessionAnswers,
  ) {}

  @Post('signup')
  @HttpCode(200)
  @Public()
  @UseGuards(SignUpOpenGuard)
  @ApiOperation({ summary: 'Make an account' })
  @ApiOkResponse({ type: SignedUpDto })
  @ApiErrors(
    'signUpClosed',
    ['badRequest', WRONG_ACCOUNT],
    'invalidBody',
    'usernameTaken',
    'bodyTooLarge',
    'tooManyRequests',
    'internal',
    'unavailable',
    'insufficientStorage',
  )
  async signUp(@Body() body: SignUpDto, @Client() client: RequestClient): Promise<SignedUpDto> {
    return SignedUpDto.of(await this.accounts.signUp(body, client));
  }

  @Put('user/password')
  @ApiBearerAuth()
  @ApiOperation({
    summary: 'Change the password: ends every session and opens a new one',
    description: 'With a token the answer is that of a log-in; with a cookie that of a browser, with a new cookie.',
  })
  @ApiExtraModels(SessionOpenedDto)
  @ApiOkResponse({
    schema: { anyOf: [{ $ref: getSchemaPath(LoggedInDto) }, { $ref: getSchemaPath(SessionOpenedDto) }] },
  })
  @ApiErrors(
    'notAuthenticated',
    'invalidCredentials',
    'logInAgain',
    ['badRequest', WRONG_PASSWORD],
    'invalidBody',
    'bodyTooLarge',
    'tooManyRequests',
    'internal',
    'unavailable',
    'insufficientStorage',
  )
  async changePassword(
    @CurrentSession() session: SessionPrincipal,
    @Body() body: ChangePasswordDto,
    @Client() client: RequestClient,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<LoggedInDto | SessionOpenedDto> {
    return this.answers.of(await this.accounts.changePassword(session, body, client), reply);
  }

  @Get('user')
  @ApiTokenScope('account:read')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Who I am' })
  @ApiOkResponse({ type: AccountBody })
  @ApiErrors('notAuthenticated', 'internal', 'unavailable')
  async get(@CurrentUser() { id }: AuthenticatedUser): Promise<AccountBody> {
    return { user: FullAccountDto.of(await this.accounts.get(id)) };
  }

  @Patch('user')
  @UseGuards(JsonBodyGuard)
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Change my name or e-mail address', description: 'A field that is left out stays.' })
  @ApiOkResponse({ type: AccountUpdatedDto })
  @ApiErrors(
    'notAuthenticated',
    ['badRequest', WRONG_EMAIL],
    'invalidBody',
    'bodyTooLarge',
    'internal',
    'unavailable',
    'insufficientStorage',
  )
  async update(@CurrentUser() { id }: AuthenticatedUser, @Body() body: UpdateAccountDto): Promise<AccountUpdatedDto> {
    const user = FullAccountDto.of(await this.accounts.update(id, body));
    return { message: 'User updated successfully', user };
  }

  @Get('user/limits')
  @ApiTokenScope('account:read')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'What I may store, and what of it is taken' })
  @ApiOkResponse({ type: UserLimitsDto })
  @ApiErrors('notAuthenticated', 'internal', 'unavailable')
  limits(@CurrentUser() user: AuthenticatedUser): Promise<UserLimitsDto> {
    return this.accounts.limits(user.id);
  }
}
