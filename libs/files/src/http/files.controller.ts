import {
  ApiTokenScope,
  type AuthenticatedUser,
  CurrentUser,
  type HeldKey,
  Idempotent,
  RequestKey,
} from '@app/accounts';
import { ApiErrors, MessageBody } from '@app/contract';
import { File } from '@app/database';
import { expectBody, Gone, type IsGone, JsonBodyGuard, sendPrepared } from '@app/http';
import { Body, Controller, Delete, Get, Head, HttpCode, Post, Put, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BulkDeleteService } from '../bulk-delete.service.js';
import { ContentService, type WantedContent } from '../content/content.service.js';
import { BulkDeleteBody, BulkDeleteDto, idsOf } from '../dto/bulk-delete.dto.js';
import { FileBody, FileMessageBody, UpdateFileAccessDto, UploadForm } from '../dto/file-bodies.dto.js';
import { FilePageBody, FileStatsBody, ListFilesQuery } from '../dto/file-list.dto.js';
import { FileDto } from '../dto/file.dto.js';
import { FilesService } from '../files.service.js';
import { FileList } from '../list/file-list.js';
import { DELETED } from '../removals/delete-transaction.js';
import { ApiContent, ApiContentHead } from './api-content.js';
import { ApiEndDownloads, endsDownloads } from './end-downloads.js';
import { OwnedFile, OwnedFileRoute } from './file-owner.guard.js';
import { ApiInline, isInline } from './inline.js';
import { MultipartUploads } from './multipart-uploads.js';
import { uploaded, UploadReplay } from './upload-replay.js';
import { Wanted } from './wanted-content.decorator.js';

@ApiTags('files')
@ApiBearerAuth()
@ApiErrors('internal', 'unavailable')
@Controller()
export class FilesController {
  constructor(
    private readonly files: FilesService,
    private readonly bulk: BulkDeleteService,
    private readonly lists: FileList,
    private readonly uploads: MultipartUploads,
    private readonly content: ContentService,
  ) {}

  @Post('upload')
  @ApiTokenScope('files:write')
  @HttpCode(200)
  @Idempotent(UploadReplay)
  @ApiOperation({
    summary: 'Upload a file',
    description: 'One part, named file. The bytes are durable when this answers.',
  })
  @ApiConsumes('multipart/form-data')
  @ApiBody({ type: UploadForm })
  @ApiOkResponse({ type: FileMessageBody })
  @ApiErrors(
    'noFileProvided',
    'invalidFileName',
    'notAuthenticated',
    ['fileLimitExceeded', { currentFiles: 100, maxFiles: 100 }],
    ['storageLimitExceeded', { currentStorage: 1073741000, maxStorage: 1073741824, fileSize: 4096 }],
    'nameTaken',
    'fileTooLarge',
    'insufficientStorage',
  )
  async upload(
    @CurrentUser() user: AuthenticatedUser,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @RequestKey() key: HeldKey | undefined,
  ): Promise<FileMessageBody> {
    const file = await this.uploads.receive(user, request.raw, () => expectBody(request.raw, reply.raw), key);
    return uploaded(file, user);
  }

  @Get('files')
  @ApiTokenScope('files:read')
  @ApiOperation({ summary: 'List your files, a page at a time' })
  @ApiOkResponse({ type: FilePageBody })
  @ApiErrors('badRequest', 'invalidCursor', 'notAuthenticated')
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: ListFilesQuery,
    @Gone() isGone: IsGone,
  ): Promise<FilePageBody> {
    return FilePageBody.of(await this.lists.page(user.id, query, isGone), user.username);
  }

  @Get('files/stats')
  @ApiTokenScope('files:read')
  @ApiOperation({ summary: 'Count your files and their bytes, by type' })
  @ApiOkResponse({ type: FileStatsBody })
  @ApiErrors('notAuthenticated')
  async stats(@CurrentUser() user: AuthenticatedUser): Promise<FileStatsBody> {
    return this.lists.stats(user.id);
  }

  @Get('files/:fileId')
  @ApiTokenScope('files:read')
  @ApiOperation({ summary: 'Look at a file' })
  @OwnedFileRoute('mayNotViewFile')
  @ApiOkResponse({ type: FileBody })
  get(@OwnedFile() file: File, @CurrentUser() user: AuthenticatedUser): FileBody {
    return { file: FileDto.of(file, user.username) };
  }

  @Head('files/:fileId/content')
  @ApiTokenScope('files:read')
  @ApiOperation({ summary: 'Ask for the headers of a download' })
  @OwnedFileRoute('mayNotViewFile')
  @ApiInline()
  @ApiContentHead()
  async downloadHead(
    @OwnedFile() file: File,
    @Wanted() wanted: WantedContent,
    @Query('inline') inline: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.content.prepare(file, { ...wanted, inline: isInline(inline) }));
  }

  @Get('files/:fileId/content')
  @ApiTokenScope('files:read')
  @ApiOperation({ summary: 'Download a file' })
  @OwnedFileRoute('mayNotViewFile')
  @ApiInline()
  @ApiContent({ shown: true })
  async download(
    @OwnedFile() file: File,
    @Wanted() wanted: WantedContent,
    @Query('inline') inline: unknown,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.content.prepare(file, { ...wanted, inline: isInline(inline) }));
  }

  @Put('files/:fileId/access')
  @ApiTokenScope('sharing')
  @ApiOperation({ summary: 'Make a file public or private', description: 'Only links to a public file work.' })
  @OwnedFileRoute('mayNotModifyFile')
  @ApiOkResponse({ type: FileMessageBody })
  @ApiErrors('invalidBody', 'bodyTooLarge', 'insufficientStorage')
  async setAccess(
    @OwnedFile() file: File,
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: UpdateFileAccessDto,
  ): Promise<FileMessageBody> {
    const changed = await this.files.setPublic(file, body.public);
    return { message: 'File access updated successfully', file: FileDto.of(changed, user.username) };
  }

  @Delete('files/:fileId')
  @ApiTokenScope('files:delete')
  @ApiOperation({ summary: 'Delete a file', description: 'Its links, its record and its bytes, irreversibly.' })
  @OwnedFileRoute('mayNotDeleteFile')
  @ApiOkResponse({ type: MessageBody, example: DELETED })
  @ApiEndDownloads()
  @Idempotent()
  @ApiErrors('accessesNotDeleted', 'recordNotDeleted', 'bytesNotDeleted', 'insufficientStorage')
  async delete(
    @OwnedFile() file: File,
    @Query('downloads') downloads: unknown,
    @RequestKey() key: HeldKey | undefined,
  ): Promise<MessageBody> {
    await this.files.remove(file, { endDownloads: endsDownloads(downloads), key });
    return DELETED;
  }

  @Post('files/delete')
  @ApiTokenScope('files:delete')
  @HttpCode(200)
  @UseGuards(JsonBodyGuard)
  @ApiEndDownloads()
  @Idempotent()
  @ApiOperation({
    summary: 'Delete many files',
    description:
      'Each as its own delete would be, and irreversibly; the answer says what became of each. More than 20 files that are ' +
      'more than half of yours go only when `confirm` is their number.',
  })
  @ApiOkResponse({ type: BulkDeleteBody })
  @ApiErrors(
    'badRequest',
    'invalidBody',
    'invalidFileId',
    'notAuthenticated',
    ['confirmationRequired', { count: 60 }],
    'bodyTooLarge',
    'insufficientStorage',
  )
  async deleteMany(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: BulkDeleteDto,
    @Query('downloads') downloads: unknown,
    @RequestKey() key: HeldKey | undefined,
  ): Promise<BulkDeleteBody> {
    const options = { endDownloads: endsDownloads(downloads), key };
    return this.bulk.remove(user.id, idsOf(body), body.confirm, options);
  }
}
