import { ApiTokenScope, type AuthenticatedUser, CurrentUser, Public } from '@app/accounts';
import { ApiErrors } from '@app/contract';
import { PageQuery, parseId } from '@app/http';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { PublicKeysBody, ReceiptBody, ReceiptPageBody } from '../dto/receipt.dto.js';
import { ReceiptsService } from '../receipts/receipts.service.js';

/** What proves the deletes of the past. */
@ApiTags('deletions')
@ApiErrors('internal', 'unavailable')
@Controller('deletions')
export class DeletionsController {
  constructor(private readonly receipts: ReceiptsService) {}

  @Get()
  @ApiTokenScope('files:read')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'List the receipts of your deletes, the newest first, a page at a time' })
  @ApiOkResponse({ type: ReceiptPageBody })
  @ApiErrors('badRequest', 'invalidCursor', 'notAuthenticated')
  async list(@CurrentUser() user: AuthenticatedUser, @Query() query: PageQuery): Promise<ReceiptPageBody> {
    return this.receipts.page(user.id, query);
  }

  @Get('keys')
  @Public()
  @ApiOperation({
    summary: 'Get the public keys that check receipts, as a JSON Web Key Set',
    description: 'docs/RECEIPTS.md shows how to check receipts offline.',
  })
  @ApiOkResponse({ type: PublicKeysBody })
  async keys(): Promise<PublicKeysBody> {
    return this.receipts.keys();
  }

  @Get(':fileId')
  @ApiTokenScope('files:read')
  @ApiBearerAuth()
  @ApiOperation({ summary: 'Look at the receipt of a delete' })
  @ApiParam({ name: 'fileId', schema: { type: 'integer', minimum: 1, maximum: 2147483647 }, example: 42 })
  @ApiOkResponse({ type: ReceiptBody })
  @ApiErrors('invalidFileId', 'notAuthenticated', 'receiptNotFound')
  async get(@CurrentUser() user: AuthenticatedUser, @Param('fileId') fileId: string): Promise<ReceiptBody> {
    return { receipt: await this.receipts.get(user.id, parseId(fileId, 'invalidFileId')) };
  }
}
