import { ApiErrors } from '@app/contract';
import { Client, type RequestClient } from '@app/http';
import { Controller, Get, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExtension, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '../auth/public.decorator.js';
import { SessionAnswers } from '../session-answers.js';
import { LogInPlaceDto } from './dto/identity.dto.js';
import { IdentityProvider } from './identity-provider.js';
import { LogInFlows } from './log-in-flow.js';
import { OidcConfiguredGuard } from './oidc-configured.guard.js';
import { OidcService } from './oidc.service.js';

/** Log-in by OpenID Connect: addresses that a browser goes to, and no program. */
@ApiTags('sessions')
@Public()
@UseGuards(OidcConfiguredGuard)
@ApiExtension('x-pages', true)
@ApiErrors('notFound', 'oidcUnavailable', 'internal', 'unavailable')
@Controller('auth/oidc')
export class OidcController {
  constructor(
    private readonly flows: LogInFlows,
    private readonly provider: IdentityProvider,
    private readonly oidc: OidcService,
    private readonly answers: SessionAnswers,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Log in by OpenID Connect, where it is configured: sends the browser to the provider' })
  @ApiResponse({ status: 303, description: 'To the provider' })
  @ApiErrors('badRequest')
  async begin(@Query() { back }: LogInPlaceDto, @Res() reply: FastifyReply): Promise<void> {
    const flow = this.flows.begin(reply, { intent: 'log-in' }, back);
    await reply.redirect(await this.provider.addressFor(flow), 303);
  }

  @Get('callback')
  @ApiOperation({
    summary: 'Where the provider sends the browser back to',
    description: 'Opens a session as `POST /api/session` does, and sends the browser to where it was.',
  })
  @ApiQuery({ name: 'code', required: false, type: String })
  @ApiQuery({ name: 'state', required: false, type: String })
  @ApiResponse({ status: 303, description: 'To where the person was' })
  @ApiErrors('oidcFailed', 'signUpClosed', 'identityTaken', 'tooManyRequests', 'insufficientStorage')
  async callback(
    @Req() request: FastifyRequest,
    @Client() client: RequestClient,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const flow = this.flows.end(request, reply);
    const query = request.url.slice(request.url.indexOf('?'));
    const opened = await this.oidc.finish(request.url.includes('?') ? query : '', flow, client);
    if (opened) this.answers.of(opened, reply);
    await reply.redirect(this.flows.addressOf(flow), 303);
  }
}
