import { type AuthenticatedUser, CurrentUser } from '@app/accounts';
import { ApiErrors } from '@app/contract';
import { JsonBodyGuard } from '@app/http';
import { Body, Controller, HttpCode, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { BulkDeleteService } from '../bulk-delete.service.js';
import { BulkDeleteBody, BulkDeleteDto, idsOf } from '../dto/bulk-delete.dto.js';
import { ApiEndDownloads, endsDownloads } from './end-downloads.js';

@ApiTags('files')
@ApiBearerAuth()
@ApiErrors('internal', 'unavailable')
@Controller()
export class BulkDeleteController {
  constructor(private readonly files: BulkDeleteService) {}

  @Post('files/delete')
  @HttpCode(200)
  @UseGuards(JsonBodyGuard)
  @ApiEndDownloads()
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
  async removeMany(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: BulkDeleteDto,
    @Query('downloads') downloads: unknown,
  ): Promise<BulkDeleteBody> {
    const options = { endDownloads: endsDownloads(downloads) };
    return BulkDeleteBody.of(await this.files.remove(user.id, idsOf(body), body.confirm, options));
  }
}
