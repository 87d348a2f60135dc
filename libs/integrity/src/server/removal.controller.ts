import {
  CurrentSession,
  ManagedUser,
  ManagedUserRoute,
  OwnerProof,
  Roles,
  type SessionPrincipal,
  ApiTokenScope,
} from '@app/accounts';
import { ApiErrors, MessageBody } from '@app/contract';
import { User } from '@app/database';
import { Client, type RequestClient } from '@app/http';
import { Body, Controller, Delete } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { RemoveAccountDto } from './dto/remove-account.dto.js';
import { ServedRemoval } from './served-removal.js';

const ACCOUNT_DELETED: MessageBody = { message: 'Account deleted successfully' };
const USER_DELETED: MessageBody = { message: 'User deleted successfully' };
const NO_PASSWORD = 'password must be a string';
const WRONG_BODY = { error: NO_PASSWORD, details: { password: [NO_PASSWORD] } };

/** Here and not with the accounts, because an account takes its files and links along. */
@ApiBearerAuth()
@ApiErrors('notAuthenticated', 'lastAdmin', 'bytesNotDeleted', 'internal', 'unavailable', 'insufficientStorage')
@Controller()
export class RemovalController {
  constructor(
    private readonly proof: OwnerProof,
    private readonly removal: ServedRemoval,
  ) {}

  @Delete('user')
  @ApiTags('accounts')
  @ApiOperation({
    summary: 'Delete my account with all links, files, bytes and receipts, irreversibly',
    description: 'From its beginning nobody can stop it: interrupted, it is finished after a restart.',
  })
  @ApiOkResponse({ type: MessageBody, example: ACCOUNT_DELETED })
  @ApiErrors(
    ['badRequest', WRONG_BODY],
    'invalidBody',
    'invalidCredentials',
    'logInAgain',
    'beyondScope',
    'bodyTooLarge',
    'tooManyRequests',
  )
  async deleteOwn(
    @CurrentSession() session: SessionPrincipal,
    @Body() { password }: RemoveAccountDto,
    @Client() client: RequestClient,
  ): Promise<MessageBody> {
    const user = await this.proof.require(session, password, client);
    await this.removal.remove(user, user.passwordHash);
    return ACCOUNT_DELETED;
  }

  @Delete('admin/users/:userId')
  @ApiTags('admin')
  @Roles('admin')
  @ApiTokenScope('admin')
  @ManagedUserRoute()
  @ApiOperation({ summary: 'Delete a user with all links, files, bytes and receipts, irreversibly (admins)' })
  @ApiOkResponse({ type: MessageBody, example: USER_DELETED })
  @ApiErrors('adminRequired')
  async deleteManaged(@ManagedUser() user: User): Promise<MessageBody> {
    await this.removal.remove(user);
    return USER_DELETED;
  }
}
