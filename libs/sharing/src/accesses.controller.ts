import {
  ApiTokenScope,
  type AuthenticatedUser,
  CurrentUser,
  type HeldKey,
  Idempotent,
  RequestKey,
} from '@app/accounts';
import { AppConfig } from '@app/config';
import { ApiErrors, MessageBody } from '@app/contract';
import { Access, File } from '@app/database';
import { OwnedFile, OwnedFileRoute } from '@app/files';
import { DuringMaintenance, JsonBodyGuard, PageQuery, parseId } from '@app/http';
import { applyDecorators, Body, Controller, Delete, Get, HttpCode, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AccessList } from './access-list.js';
import { AccessReplay } from './access-replay.js';
import { OwnedAccess, OwnedAccessRoute } from './access-owner.guard.js';
import { AccessesService } from './accesses.service.js';
import { AccessSettingsDto } from './dto/access-settings.dto.js';
import {
  AccessBody,
  AccessCreatedBody,
  AccessDto,
  AccessListBody,
  AccessMessageBody,
  NamedAccessDto,
  NamedAccessListBody,
} from './dto/access.dto.js';
import { CheckAccessDto, CheckBody } from './dto/check.dto.js';
import { ListAccessesQuery } from './dto/list-accesses.dto.js';
import { UpdateAccessDto } from './dto/update-access.dto.js';

const WRONG_IP = 'ips has an entry that is no IP address: "10.1"';
const WRONG_SETTINGS = { error: WRONG_IP, details: { ips: [WRONG_IP] } };
const WRONG_CHECK = { error: 'ip must be an IP address', details: { ip: ['ip must be an IP address'] } };

function ApiUpdate(): MethodDecorator {
  return applyDecorators(
    OwnedAccessRoute('mayNotUpdateAccess'),
    ApiOperation({
      summary: 'Change an access',
      description:
        'A field that is left out keeps its value. A change of ttl, enableTTL or oneTimeUse starts the count of uses anew.',
    }),
    ApiOkResponse({ type: AccessMessageBody }),
    ApiErrors(['badRequest', WRONG_SETTINGS], 'invalidBody', 'bodyTooLarge', 'insufficientStorage'),
  );
}

@ApiTags('sharing')
@ApiTokenScope('sharing')
@ApiBearerAuth()
@ApiErrors('internal', 'unavailable')
@Controller()
export class AccessesController {
  constructor(
    private readonly accesses: AccessesService,
    private readonly lists: AccessList,
    private readonly config: AppConfig,
  ) {}

  @Post('files/:fileId/accesses')
  @HttpCode(200)
  @UseGuards(JsonBodyGuard)
  @OwnedFileRoute('mayNotCreateAccess')
  @ApiOperation({ summary: 'Share a file', description: 'The link works while the file and the access are public.' })
  @ApiOkResponse({ type: AccessCreatedBody })
  @ApiErrors(
    ['badRequest', WRONG_SETTINGS],
    'invalidBody',
    ['accessLimitExceeded', { currentAccesses: 1000, maxAccesses: 1000 }],
    'bodyTooLarge',
    'insufficientStorage',
  )
  @Idempotent(AccessReplay)
  async create(
    @OwnedFile() file: File,
    @Body() body: AccessSettingsDto,
    @RequestKey() key: HeldKey | undefined,
  ): Promise<AccessCreatedBody> {
    return AccessCreatedBody.of(this.dto(await this.accesses.create(file, body, key)));
  }

  @Get('files/:fileId/accesses')
  @OwnedFileRoute('mayNotViewAccesses')
  @ApiOperation({ summary: 'List the accesses of a file, a page at a time' })
  @ApiOkResponse({ type: AccessListBody })
  @ApiErrors('badRequest', 'invalidCursor')
  async list(@OwnedFile() file: File, @Query() query: PageQuery): Promise<AccessListBody> {
    const { items, nextCursor } = await this.lists.page({ fileId: file.id }, query);
    return { accesses: items.map((access) => this.dto(access)), nextCursor };
  }

  @Get('accesses')
  @ApiOperation({ summary: 'List the accesses of all your files, a page at a time' })
  @ApiOkResponse({ type: NamedAccessListBody })
  @ApiErrors('badRequest', 'invalidFileId', 'invalidCursor', 'notAuthenticated')
  async listAll(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: ListAccessesQuery,
  ): Promise<NamedAccessListBody> {
    const fileId = query.fileId === undefined ? undefined : parseId(query.fileId, 'invalidFileId');
    const { items, nextCursor } = await this.lists.page({ ownerId: user.id, fileId }, query);
    return { accesses: items.map((access) => NamedAccessDto.ofListed(access, this.config.publicUrl)), nextCursor };
  }

  @Get('accesses/:accessId')
  @OwnedAccessRoute('mayNotViewAccess')
  @ApiOperation({ summary: 'Look at an access: its limits, its uses and why it was refused' })
  @ApiOkResponse({ type: AccessBody })
  async get(@OwnedAccess() access: Access): Promise<AccessBody> {
    return { access: this.dto(await this.accesses.get(access)) };
  }

  @Put('accesses/:accessId')
  @UseGuards(JsonBodyGuard)
  @ApiUpdate()
  async update(@OwnedAccess() access: Access, @Body() body: UpdateAccessDto): Promise<AccessMessageBody> {
    return { message: 'Access updated successfully', access: this.dto(await this.accesses.update(access, body)) };
  }

  /** Another path of the same: clients exist for both. */
  @Put('accesses/:accessId/access')
  @UseGuards(JsonBodyGuard)
  @ApiUpdate()
  async updateAlias(@OwnedAccess() access: Access, @Body() body: UpdateAccessDto): Promise<AccessMessageBody> {
    return this.update(access, body);
  }

  @Delete('accesses/:accessId')
  @OwnedAccessRoute('mayNotDeleteAccess')
  @ApiOperation({ summary: 'Delete an access', description: 'Its link is dead at once.' })
  @ApiOkResponse({ type: MessageBody, example: { message: 'Access deleted successfully' } })
  @ApiErrors('insufficientStorage')
  async delete(@OwnedAccess() access: Access): Promise<MessageBody> {
    await this.accesses.remove(access);
    return { message: 'Access deleted successfully' };
  }

  @Post('accesses/:accessId/check')
  @DuringMaintenance()
  @HttpCode(200)
  @OwnedAccessRoute('mayNotViewAccess')
  @ApiOperation({
    summary: 'Ask what a stranger with this link would get',
    description: 'A dry run: the same rules as for the link itself; takes no use.',
  })
  @ApiOkResponse({ type: CheckBody })
  @ApiErrors(['badRequest', WRONG_CHECK], 'invalidBody', 'bodyTooLarge')
  check(@OwnedAccess() access: Access, @Body() body: CheckAccessDto): CheckBody {
    return CheckBody.of(this.accesses.check(access, body));
  }

  private dto(access: Omit<Access, 'file'>): AccessDto {
    return AccessDto.of(access, this.config.publicUrl);
  }
}
