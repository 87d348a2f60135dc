import { ApiErrors } from '@app/contract';
import { Client, type RequestClient } from '@app/http';
import { Body, Controller, Get, HttpCode, Post, Put, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AccountsService } from './accounts.service.js';
import type { AuthenticatedUser } from './auth/authenticated-user.js';
import { CurrentUser } from './auth/current-user.decorator.js';
import { Public } from './auth/public.decorator.js';
import { SignUpOpenGuard } from './auth/sign-up-open.guard.js';
import { SignedUpDto } from './dto/account.dto.js';
import { ChangePasswordDto } from './dto/change-password.dto.js';
import { LoggedInDto } from './dto/log-in.dto.js';
import { SignUpDto } from './dto/sign-up.dto.js';
import { UserLimitsDto } from './dto/user-limits.dto.js';
import { USERNAME_RULE } from './username.js';

const WRONG_ACCOUNT = { error: `username ${USERNAME_RULE}`, details: { username: [`username ${USERNAME_RULE}`] } };
const WRONG_PASSWORD = {
  error: 'newPassword must be text of 8 to 128 characters',
  details: { newPassword: ['newPassword must be text of 8 to 128 characters'] },
};

@ApiTags('accounts')
@Controller()
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

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
  @ApiOperation({ summary: 'Change the password: ends every session and opens a new one' })
  @ApiOkResponse({ type: LoggedInDto })
  @ApiErrors(
    'notAuthenticated',
    'invalidCredentials',
    ['badRequest', WRONG_PASSWORD],
    'invalidBody',
    'bodyTooLarge',
    'tooManyRequests',
    'internal',
    'unavailable',
    'insufficientStorage',
  )
  changePassword(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: ChangePasswordDto,
    @Client() client: RequestClient,
  ): Promise<LoggedInDto> {
    return this.accounts.changePassword(user, body, client);
  }

  @Get('user/limits')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'What I may store, and what of it is taken' })
  @ApiOkResponse({ type: UserLimitsDto })
  @ApiErrors('notAuthenticated', 'internal', 'unavailable')
  limits(@CurrentUser() user: AuthenticatedUser): Promise<UserLimitsDto> {
    return this.accounts.limits(user.id);
  }
}
