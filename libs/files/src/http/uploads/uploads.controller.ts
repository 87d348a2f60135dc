import { ApiTokenScope, type AuthenticatedUser, CurrentUser, Public } from '@app/accounts';
import { AppConfig } from '@app/config';
import { ApiErrors } from '@app/contract';
import { Controller, Delete, Get, Head, HttpCode, Options, Patch, Post, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { UploadDto, UploadListBody } from '../../dto/upload.dto.js';
import type { UploadRecord } from '../../uploads/upload-rows.js';
import { UploadsService } from '../../uploads/uploads.service.js';
import { ApiCreation, ApiLook, ApiOptions, ApiPart } from './api-tus.js';
import { OwnedUpload, OwnedUploadRoute, TusRoute, UPLOAD_ID } from './upload-owner.guard.js';
import { descriptionOf, headersOf } from './tus-answer.js';
import { TusRequests } from './tus-requests.js';

/** Resumable uploads by tus 1.0.0. */
@ApiTags('uploads')
@ApiTokenScope('files:write')
@ApiErrors('internal', 'unavailable')
@Controller('uploads')
export class UploadsController {
  constructor(
    private readonly config: AppConfig,
    private readonly uploads: UploadsService,
    private readonly requests: TusRequests,
  ) {}

  @Public()
  @Options()
  @HttpCode(204)
  @ApiOptions()
  options(): void {
    // Its headers are on every OPTIONS of uploads: see speakTus().
  }

  @Public()
  @Options(':uploadId')
  @HttpCode(204)
  @ApiOptions()
  @ApiParam(UPLOAD_ID)
  optionsOf(): void {
    // As above; whether there is such an upload is nothing that a stranger is told.
  }

  @Get()
  @ApiBearerAuth()
  @ApiOperation({ summary: 'List your unfinished uploads' })
  @ApiOkResponse({ type: UploadListBody })
  @ApiErrors('notAuthenticated')
  async list(@CurrentUser() user: AuthenticatedUser): Promise<UploadListBody> {
    return { uploads: (await this.uploads.list(user.id)).map((upload) => UploadDto.of(upload)) };
  }

  @Post()
  @HttpCode(201)
  @ApiBearerAuth()
  @TusRoute()
  @ApiCreation()
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const upload = await this.requests.create(user, request, reply);
    const { pathname } = new URL(this.config.publicUrl);
    void reply.headers({ location: `${pathname.replace(/\/$/, '')}/api/uploads/${upload.id}`, ...headersOf(upload) });
  }

  @Head(':uploadId')
  @ApiBearerAuth()
  @OwnedUploadRoute()
  @ApiLook()
  async look(@OwnedUpload() found: UploadRecord, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    const upload = await this.uploads.look(found);
    void reply.headers({ ...headersOf(upload), ...descriptionOf(upload) });
  }

  @Patch(':uploadId')
  @HttpCode(204)
  @ApiBearerAuth()
  @OwnedUploadRoute()
  @ApiPart()
  async append(
    @OwnedUpload() found: UploadRecord,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    void reply.headers(headersOf(await this.requests.patch(found, request, reply)));
  }

  @Delete(':uploadId')
  @HttpCode(204)
  @ApiBearerAuth()
  @OwnedUploadRoute()
  @ApiOperation({ summary: 'End an upload', description: 'A file that it has become stays.' })
  @ApiNoContentResponse({ description: 'Its bytes, its name and its room are given back' })
  @ApiErrors('bytesNotDeleted')
  async end(@OwnedUpload() upload: UploadRecord): Promise<void> {
    await this.uploads.end(upload);
  }
}
