import { ApiErrors, ContractError } from '@app/contract';
import type { User } from '@app/database';
import { JsonBodyGuard, limitOf, PageQuery, readCursor } from '@app/http';
import { Body, Controller, Get, HttpCode, Patch, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AccountsService } from '../accounts.service.js';
import { Roles } from '../auth/roles.decorator.js';
import { ApiTokenScope } from '../auth/scopes.js';
import { AdminUsersService, assertLimits } from './admin-users.service.js';
import { AdminLimitsDto, AdminLimitsPage, LimitsUpdatedDto, UpdateLimitsDto } from './dto/admin-limits.dto.js';
import {
  CreateUserDto,
  ListUsersQuery,
  ManagedUserBody,
  ManagedUserDto,
  ManagedUsersPage,
  UpdateUserDto,
} from './dto/managed-user.dto.js';
import { ManagedUser, ManagedUserRoute } from './managed-user.guard.js';

const WRONG_LIMIT = { error: 'limit must be a whole number from 1 to 200' };
const WRONG_NUMBER = {
  error: 'maxFiles must be a whole number',
  details: { maxFiles: ['maxFiles must be a whole number'] },
};
const WRONG_ROLE = { error: 'role must be one of user, admin', details: { role: ['role must be one of user, admin'] } };

@ApiTags('admin')
@ApiBearerAuth()
@ApiErrors('notAuthenticated', 'adminRequired', 'internal', 'unavailable')
@Roles('admin')
@ApiTokenScope('admin')
@Controller('admin/users')
export class AdminUsersController {
  constructor(
    private readonly users: AdminUsersService,
    private readonly accounts: AccountsService,
  ) {}

  @Get()
  @ApiOperation({ summary: 'All users with their limits and usage, by id (admins)' })
  @ApiOkResponse({ type: ManagedUsersPage })
  @ApiErrors(['badRequest', WRONG_LIMIT], 'invalidCursor')
  async list(@Query() query: ListUsersQuery): Promise<ManagedUsersPage> {
    const { users, next } = await this.users.page(after(query), limitOf(query), query.q);
    return { users: users.map((user) => ManagedUserDto.of(user)), nextCursor: cursorOf(next) };
  }

  @Post()
  @HttpCode(200)
  @ApiOperation({ summary: 'Make an account, also where sign-up is closed (admins)' })
  @ApiOkResponse({ type: ManagedUserBody })
  @ApiErrors(
    ['badRequest', WRONG_ROLE],
    'maxFilesNegative',
    'maxStorageNegative',
    'invalidBody',
    'usernameTaken',
    'bodyTooLarge',
    'insufficientStorage',
  )
  async create(@Body() { role, maxFiles, maxStorage, ...account }: CreateUserDto): Promise<ManagedUserBody> {
    assertLimits({ maxFiles, maxStorage });
    const { id } = await this.accounts.create(account, { role, maxFiles, maxStorage });
    return { message: 'User created successfully', user: ManagedUserDto.of(await this.accounts.get(id)) };
  }

  @Patch(':userId')
  @UseGuards(JsonBodyGuard)
  @ManagedUserRoute()
  @ApiOperation({
    summary: 'Change an account: name, address, role, limits, password, or shut it out (admins)',
    description: 'A field that is left out stays. A new password and a shutting-out end every session.',
  })
  @ApiOkResponse({ type: ManagedUserBody })
  @ApiErrors(
    ['badRequest', WRONG_ROLE],
    'maxFilesNegative',
    'maxStorageNegative',
    'invalidBody',
    'lastAdmin',
    'accountBeingRemoved',
    'bodyTooLarge',
    'insufficientStorage',
  )
  async update(@ManagedUser() user: User, @Body() body: UpdateUserDto): Promise<ManagedUserBody> {
    return { message: 'User updated successfully', user: ManagedUserDto.of(await this.users.update(user, body)) };
  }

  @Get('limits')
  @ApiOperation({ summary: "All users' limits and usage, by id (admins)" })
  @ApiOkResponse({ type: AdminLimitsPage })
  @ApiErrors(['badRequest', WRONG_LIMIT], 'invalidCursor')
  async listLimits(@Query() query: PageQuery): Promise<AdminLimitsPage> {
    const { users, next } = await this.users.page(after(query), limitOf(query));
    return { users: users.map((user) => AdminLimitsDto.of(user)), nextCursor: cursorOf(next) };
  }

  @Put(':userId/limits')
  @UseGuards(JsonBodyGuard)
  @ManagedUserRoute()
  @ApiOperation({ summary: "Set a user's limits (admins)" })
  @ApiOkResponse({ type: LimitsUpdatedDto })
  @ApiErrors(
    'maxFilesNegative',
    'maxStorageNegative',
    ['badRequest', WRONG_NUMBER],
    'invalidBody',
    'bodyTooLarge',
    'insufficientStorage',
  )
  async setLimits(@ManagedUser() user: User, @Body() body: UpdateLimitsDto): Promise<LimitsUpdatedDto> {
    return LimitsUpdatedDto.of(await this.users.update(user, body));
  }
}

function cursorOf(id: number | null): string | null {
  return id === null ? null : Buffer.from(JSON.stringify([id])).toString('base64url');
}

/** The id behind which a page begins. @throws ContractError invalidCursor */
function after({ cursor }: PageQuery): number {
  if (cursor === undefined) return 0;
  const [id, ...rest] = readCursor(cursor);
  if (!Number.isSafeInteger(id) || (id as number) < 1 || rest.length > 0) throw new ContractError('invalidCursor');
  return id as number;
}
