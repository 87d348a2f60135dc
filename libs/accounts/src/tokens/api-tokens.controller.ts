import { ApiErrors, MessageBody } from '@app/contract';
import { parseId } from '@app/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiTokenScope } from '../auth/scopes.js';
import { ApiTokensService } from './api-tokens.service.js';
import { ApiTokenCreatedDto, ApiTokenDto, ApiTokensDto, CreateApiTokenDto } from './dto/api-token.dto.js';

const TOKEN_REVOKED: MessageBody = { message: 'Token revoked successfully' };
const NO_NAME = 'name must be text of 1 to 100 characters';
const WRONG_TOKEN = { error: NO_NAME, details: { name: [NO_NAME] } };

@ApiTags('tokens')
@ApiBearerAuth()
@ApiErrors('notAuthenticated', 'internal', 'unavailable')
@Controller('user/tokens')
export class ApiTokensController {
  constructor(private readonly tokens: ApiTokensService) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Make an API token',
    description: 'At most 50 a user. No API token can make another one.',
  })
  @ApiOkResponse({ type: ApiTokenCreatedDto })
  @ApiErrors(
    ['badRequest', WRONG_TOKEN],
    'invalidBody',
    'beyondScope',
    'adminRequired',
    'tokenLimitExceeded',
    'bodyTooLarge',
    'insufficientStorage',
  )
  async create(@CurrentUser() user: AuthenticatedUser, @Body() body: CreateApiTokenDto): Promise<ApiTokenCreatedDto> {
    const { token, apiToken } = await this.tokens.create(user, body);
    return { message: 'Token created successfully', token, apiToken: ApiTokenDto.of(apiToken) };
  }

  @Get()
  @ApiTokenScope('account:read')
  @ApiOperation({ summary: 'My API tokens, the newest first' })
  @ApiOkResponse({ type: ApiTokensDto })
  async list(@CurrentUser() { id }: AuthenticatedUser): Promise<ApiTokensDto> {
    return { apiTokens: (await this.tokens.list(id)).map((token) => ApiTokenDto.of(token)) };
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Revoke one of my API tokens: it is dead at once' })
  @ApiParam({ name: 'id', schema: { type: 'integer', minimum: 1, maximum: 2147483647 }, example: 3 })
  @ApiOkResponse({ type: MessageBody, example: TOKEN_REVOKED })
  @ApiErrors('beyondScope', 'tokenNotFound', 'insufficientStorage')
  async revoke(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<MessageBody> {
    await this.tokens.revoke(user.id, parseId(id, 'tokenNotFound'));
    return TOKEN_REVOKED;
  }
}
