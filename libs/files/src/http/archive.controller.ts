import { ApiTokenScope, type AuthenticatedUser, CurrentUser } from '@app/accounts';
import { ApiErrors } from '@app/contract';
import { sendPrepared } from '@app/http';
import { applyDecorators, Controller, Get, Head, Query, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ArchiveService } from '../content/archive.service.js';

function ApiArchive(summary: string): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary,
      description:
        'Stored, not packed, so that its length is known; ZIP64 where it is large. Files come in the order of their ids.',
    }),
    ApiQuery({ name: 'ids', schema: { type: 'string', pattern: '^[1-9][0-9]*(,[1-9][0-9]*)*$' }, example: '42,43' }),
    ApiErrors('invalidFileId', 'notAuthenticated', 'mayNotViewFile', 'fileNotFound'),
  );
}

@ApiTags('files')
@ApiBearerAuth()
@ApiTokenScope('files:read')
@ApiErrors('internal', 'unavailable')
@Controller('files/archive')
export class ArchiveController {
  constructor(private readonly archives: ArchiveService) {}

  // Before its GET, which otherwise makes a HEAD of its own.
  @Head()
  @ApiArchive('Ask for the headers of a ZIP of many files')
  @ApiResponse({ status: 200, description: 'The headers, with its length' })
  async downloadHead(
    @CurrentUser() user: AuthenticatedUser,
    @Query('ids') ids: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.archives.prepare(user.id, ids, { headOnly: true }));
  }

  @Get()
  @ApiArchive('Download many files as one ZIP')
  @ApiResponse({
    status: 200,
    description: 'The archive, as an attachment',
    content: { 'application/zip': { schema: { type: 'string', format: 'binary' } } },
  })
  async download(
    @CurrentUser() user: AuthenticatedUser,
    @Query('ids') ids: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.archives.prepare(user.id, ids, { headOnly: false }));
  }
}
