import { Public } from '@app/accounts';
import { ContractError } from '@app/contract';
import { sendPrepared } from '@app/http';
import { Controller, Get, Headers, Param, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import Negotiator from 'negotiator';
import { ASSETS } from './assets.js';

/** What the pages need: their style, script and icon. Their names change with their bytes. */
@ApiExcludeController()
@Public()
@Controller('link/assets')
export class AssetsController {
  @Get(':name')
  get(@Param('name') name: string, @Headers('accept-encoding') encoding: string, @Res() reply: FastifyReply): void {
    const asset = ASSETS.get(name);
    if (!asset) throw new ContractError('notFound');
    const negotiator = new Negotiator({ headers: { 'accept-encoding': encoding } });
    const brotli = negotiator.encoding(['br', 'identity']) === 'br';
    const headers = {
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: 'Accept-Encoding',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    };
    sendPrepared(reply, {
      status: 200,
      headers: brotli ? { ...headers, 'content-encoding': 'br' } : headers,
      body: brotli ? asset.brotli : asset.plain,
    });
  }
}
