import { ContractError } from '@app/contract';
import { type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { AuthenticatedUser } from './authenticated-user.js';
import { PUBLIC } from './public.decorator.js';

/**
 * Asks every request for a bearer token of a living session: the app registers it for all routes, and only those marked
 * `@Public()` are open. Hands on the `AuthenticatedUser`.
 */
@Injectable()
export class JwtAuthGuard extends AuthGuard('jwt') {
  constructor(private readonly reflector: Reflector) {
    super();
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    return (await super.canActivate(context)) as boolean;
  }

  /** @throws whatever kept the session from being looked up, or ContractError `notAuthenticated`, whatever is wrong with the token */
  override handleRequest<User = AuthenticatedUser>(error: unknown, user: User | false): User {
    if (error) throw error;
    if (!user) throw new ContractError('notAuthenticated', { headers: { 'www-authenticate': 'Bearer' } });
    return user;
  }
}
