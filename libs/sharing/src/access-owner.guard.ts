import type { AuthenticatedUser } from '@app/accounts';
import { ApiErrors, ContractError, type ErrorName } from '@app/contract';
import { Access } from '@app/database';
import { parseId } from '@app/http';
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';

const FORBIDDEN = 'defdrive:access-forbidden';

interface AccessRequest extends FastifyRequest {
  params: { accessId: string };
  user: AuthenticatedUser;
  ownedAccess?: Access;
}

/**
 * Lets only the owner of the access in the URL pass, and hands on the very access that it checked, with its file: see
 * `@OwnedAccess()`. It refuses with 400 for what is no id, 404 where there is no such access (or its file is gone), and
 * the route's own 403 for another's.
 */
@Injectable()
export class AccessOwnerGuard implements CanActivate {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<AccessRequest>();
    const id = parseId(request.params.accessId, 'invalidAccessId');
    const access = await this.dataSource
      .createQueryBuilder(Access, 'access')
      .innerJoinAndSelect('access.file', 'file')
      .where("access.id = :id AND file.state = 'live'", { id })
      .getOne();
    if (!access) throw new ContractError('accessNotFound');
    if (access.file.ownerId !== request.user.id) {
      throw new ContractError(this.reflector.get<ErrorName>(FORBIDDEN, context.getHandler()));
    }
    request.ownedAccess = access;
    return true;
  }
}

/**
 * Marks a route that acts on one access of its caller: the ownership guard, and its entry in the OpenAPI document.
 * @param forbidden what another user's access is answered with
 */
export function OwnedAccessRoute(forbidden: ErrorName): MethodDecorator {
  return applyDecorators(
    SetMetadata(FORBIDDEN, forbidden),
    UseGuards(AccessOwnerGuard),
    ApiParam({ name: 'accessId', schema: { type: 'integer', minimum: 1, maximum: 2147483647 }, example: 7 }),
    ApiErrors('invalidAccessId', 'notAuthenticated', forbidden, 'accessNotFound'),
  );
}

/** The access that the guard checked, with its file. */
export const OwnedAccess = createParamDecorator((_: unknown, context: ExecutionContext): Access => {
  const { ownedAccess } = context.switchToHttp().getRequest<AccessRequest>();
  if (!ownedAccess) throw new Error('This route has no AccessOwnerGuard');
  return ownedAccess;
});
