import { ApiTokenScope, type AuthenticatedUser, CurrentUser } from '@app/accounts';
import { ApiErrors } from '@app/contract';
import { File } from '@app/database';
import { OwnedFile, OwnedFileRoute } from '@app/files';
import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DeletionPreviewService } from './deletion-preview.service.js';
import { DeletionPreviewBody } from './dto/deletion-preview.dto.js';

/** Here and not with the files, because a delete takes links along. */
@ApiTags('files')
@ApiBearerAuth()
@ApiErrors('internal', 'unavailable')
@Controller()
export class DeletionPreviewController {
  constructor(private readonly preview: DeletionPreviewService) {}

  @Get('files/:fileId/deletion')
  @ApiTokenScope('files:read')
  @OwnedFileRoute('mayNotViewFile')
  @ApiOperation({ summary: 'See what a delete of the file would take', description: 'Changes nothing.' })
  @ApiOkResponse({ type: DeletionPreviewBody })
  async get(@OwnedFile() file: File, @CurrentUser() user: AuthenticatedUser): Promise<DeletionPreviewBody> {
    return DeletionPreviewBody.of(file, user.username, await this.preview.of(file));
  }
}
