import { ContractError } from '@app/contract';
import { User } from '@app/database';
import { parseId } from '@app/http';
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  UseGuards,
} from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';

interface UserRequest extends FastifyRequest {
  params: { userId: string };
  managedUser?: User;
}

/**
 * Finds the user in the URL, and hands on the very user that it found: see `@ManagedUser()`.
 * Whether the caller is an admin has been judged before: a stranger does not learn which ids exist.
 */
@Injectable()
export class ManagedUserGuard implements CanActivate {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ContractError invalidUserId, userNotFound */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<UserRequest>();
    const id = parseId(request.params.userId, 'invalidUserId');
    const user = await this.dataSource.manager.findOneBy(User, { id });
    if (!user) throw new ContractError('userNotFound');
    request.managedUser = user;
    return true;
  }
}

/** Marks a route that acts on one user: the guard, and its entry in the OpenAPI document. */
export function ManagedUserRoute(): MethodDecorator {
  return applyDecorators(
    UseGuards(ManagedUserGuard),
    ApiParam({ name: 'userId', schema: { type: 'integer', minimum: 1, maximum: 2147483647 }, example: 42 }),
  );
}

/** The user that the guard found. */
export const ManagedUser = createParamDecorator((_: unknown, context: ExecutionContext): User => {
  const { managedUser } = context.switchToHttp().getRequest<UserRequest>();
  if (!managedUser) throw new Error('This route has no ManagedUserGuard');
  return managedUser;
});
