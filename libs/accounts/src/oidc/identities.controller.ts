import { ApiErrors, MessageBody } from '@app/contract';
import { Client, JsonBodyGuard, parseId, type RequestClient } from '@app/http';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentSession, CurrentUser } from '../auth/current-user.decorator.js';
import type { SessionPrincipal } from '../auth/principal.js';
import { ApiTokenScope } from '../auth/scopes.js';
import { IdentitiesDto, IdentityDto, LinkIdentityDto, LogInPlaceDto, ProviderAddressDto } from './dto/identity.dto.js';
import { IdentitiesService } from './identities.service.js';
import { IdentityProvider } from './identity-provider.js';
import { LogInFlows } from './log-in-flow.js';
import { OidcConfiguredGuard } from './oidc-configured.guard.js';
import { OwnerProof } from './owner-proof.js';

const UNLINKED: MessageBody = { message: 'Identity unlinked successfully' };
const NO_PASSWORD = 'password must be a string';
const WRONG_BODY = { error: NO_PASSWORD, details: { password: [NO_PASSWORD] } };

/** Who one is at the identity provider. */
@ApiTags('accounts')
@ApiBearerAuth()
@ApiErrors('notAuthenticated', 'internal', 'unavailable')
@Controller('user')
export class IdentitiesController {
  constructor(
    private readonly flows: LogInFlows,
    private readonly provider: IdentityProvider,
    private readonly identities: IdentitiesService,
    private readonly proof: OwnerProof,
  ) {}

  @Get('identities')
  @ApiTokenScope('account:read')
  @ApiOperation({ summary: 'By which identities at a provider I can log in' })
  @ApiOkResponse({ type: IdentitiesDto })
  async list(@CurrentUser() { id }: AuthenticatedUser): Promise<IdentitiesDto> {
    return { identities: (await this.identities.list(id)).map((identity) => IdentityDto.of(identity)) };
  }

  @Post('identities')
  @HttpCode(200)
  @UseGuards(OidcConfiguredGuard)
  @ApiOperation({
    summary: 'Link my account with an identity: says where the browser has to go',
    description: 'Who logs in there is linked, and can log in by it from then on.',
  })
  @ApiOkResponse({ type: ProviderAddressDto })
  @ApiErrors(['badRequest', WRONG_BODY], 'invalidBody', 'invalidCredentials', 'logInAgain', 'beyondScope', 'notFound')
  @ApiErrors('bodyTooLarge', 'tooManyRequests', 'oidcUnavailable')
  async link(
    @CurrentSession() session: SessionPrincipal,
    @Body() { password, back }: LinkIdentityDto,
    @Client() client: RequestClient,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProviderAddressDto> {
    await this.proof.require(session, password, client);
    return this.begin('link', session, back, reply);
  }

  @Delete('identities/:id')
  @ApiOperation({ summary: 'Unlink an identity', description: 'Not the last one of an account without a password.' })
  @ApiParam({ name: 'id', schema: { type: 'integer', minimum: 1, maximum: 2147483647 }, example: 1 })
  @ApiOkResponse({ type: MessageBody, example: UNLINKED })
  @ApiErrors('beyondScope', 'identityNotFound', 'lastWayIn', 'insufficientStorage')
  async unlink(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<MessageBody> {
    await this.identities.unlink(user.id, parseId(id, 'identityNotFound'));
    return UNLINKED;
  }

  @Post('confirmation')
  @HttpCode(200)
  @UseGuards(OidcConfiguredGuard, JsonBodyGuard)
  @ApiOperation({
    summary: 'Prove anew who I am, where I have no password: says where the browser has to go',
    description: 'For five minutes after that, what asks for a password takes any.',
  })
  @ApiOkResponse({ type: ProviderAddressDto })
  @ApiErrors('badRequest', 'invalidBody', 'beyondScope', 'notFound', 'bodyTooLarge', 'oidcUnavailable')
  confirm(
    @CurrentSession() session: SessionPrincipal,
    @Body() { back }: LogInPlaceDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ProviderAddressDto> {
    return this.begin('confirm', session, back, reply);
  }

  private async begin(
    intent: 'link' | 'confirm',
    { user, sessionId }: SessionPrincipal,
    back: string | undefined,
    reply: FastifyReply,
  ): Promise<ProviderAddressDto> {
    const flow = this.flows.begin(reply, { intent, userId: user.id, sessionId }, back);
    return { url: await this.provider.addressFor(flow) };
  }
}
