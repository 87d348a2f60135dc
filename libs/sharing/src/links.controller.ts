import { Public } from '@app/accounts';
import { ApiErrors } from '@app/contract';
import { ApiContent, ApiContentHead, Wanted, type WantedContent } from '@app/files';
import { sendPrepared } from '@app/http';
import { applyDecorators, Controller, Get, Head, Ip, Param, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { LinksService } from './links.service.js';

function ApiLink(summary: string, description: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary, description }),
    ApiParam({ name: 'hash', schema: { type: 'string', pattern: '^[0-9a-f]{32}$' } }),
  );
}

/** Who has the link has the access: no token is asked for. */
@ApiTags('links')
@Public()
@ApiErrors(
  'linkNotPublic',
  'linkSubnet',
  'linkIp',
  'linkExpired',
  'linkUsed',
  'linkTtl',
  'linkNotFound',
  'tooManyRequests',
  'internal',
  'unavailable',
)
@Controller('link/:hash')
export class LinksController {
  constructor(private readonly links: LinksService) {}

  @Head()
  @ApiLink('Ask for the headers of a shared file', 'Takes no use.')
  @ApiContentHead()
  async downloadHead(
    @Param('hash') hash: string,
    @Wanted() wanted: WantedContent,
    @Ip() address: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.links.answer(hash, address, wanted));
  }

  @Get()
  @ApiLink(
    'Download a shared file',
    'A link whose uses are limited always sends the whole file; one without a limit can be resumed and revalidated.',
  )
  @ApiContent()
  async download(
    @Param('hash') hash: string,
    @Wanted() wanted: WantedContent,
    @Ip() address: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.links.answer(hash, address, wanted));
  }
}
