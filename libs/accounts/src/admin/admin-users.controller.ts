import { ApiErrors, ContractError } from '@app/contract';
import type { User } from '@app/database';
import { JsonBodyGuard, parseId } from '@app/http';
import { Body, Controller, Get, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '../auth/roles.decorator.js';
import { ApiTokenScope } from '../auth/scopes.js';
import { AdminUsersService } from './admin-users.service.js';
import {
  AdminLimitsDto,
  AdminLimitsPage,
  LimitsUpdatedDto,
  ListLimitsQuery,
  UpdateLimitsDto,
} from './dto/admin-limits.dto.js';
import { ManagedUser, ManagedUserRoute } from './managed-user.guard.js';

const DEFAULT_PAGE = 50;
const WRONG_LIMIT = { error: 'limit must be a whole number from 1 to 200' };
const WRONG_NUMBER = {
  error: 'maxFiles must be a whole number',
  details: { maxFiles: ['maxFiles must be a whole number'] },
};

@ApiTags('admin')
@ApiBearerAuth()
@Roles('admin')
@ApiTokenScope('admin')
@Controller('admin/users')
export class AdminUsersController {
  constructor(private readonly users: AdminUsersService) {}

  @Get('limits')
  @ApiOperation({ summary: "All users' limits and usage, by id (admins)" })
  @ApiOkResponse({ type: AdminLimitsPage })
  @ApiErrors(
    'notAuthenticated',
    'adminRequired',
    ['badRequest', WRONG_LIMIT],
    'invalidCursor',
    'internal',
    'unavailable',
  )
  async listLimits(@Query() { limit, cursor }: ListLimitsQuery): Promise<AdminLimitsPage> {
    const { users, next } = await this.users.page(idOf(cursor), Number(limit ?? DEFAULT_PAGE));
    return { users: users.map((user) => AdminLimitsDto.of(user)), nextCursor: next === null ? null : cursorOf(next) };
  }

  @Put(':userId/limits')
  @UseGuards(JsonBodyGuard)
  @ManagedUserRoute()
  @ApiOperation({ summary: "Set a user's limits (admins)" })
  @ApiOkResponse({ type: LimitsUpdatedDto })
  @ApiErrors(
    'notAuthenticated',
    'adminRequired',
    'invalidUserId',
    'userNotFound',
    'maxFilesNegative',
    'maxStorageNegative',
    ['badRequest', WRONG_NUMBER],
    'invalidBody',
    'bodyTooLarge',
    'internal',
    'unavailable',
    'insufficientStorage',
  )
  async setLimits(@ManagedUser() user: User, @Body() body: UpdateLimitsDto): Promise<LimitsUpdatedDto> {
    return LimitsUpdatedDto.of(await this.users.setLimits(user, body));
  }
}

function cursorOf(id: number): string {
  return Buffer.from(String(id)).toString('base64url');
}

/** @throws ContractError invalidCursor */
function idOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const text = Buffer.from(cursor, 'base64url').toString();
  if (cursorOf(Number(text)) !== cursor) throw new ContractError('invalidCursor');
  return parseId(text, 'invalidCursor');
}
