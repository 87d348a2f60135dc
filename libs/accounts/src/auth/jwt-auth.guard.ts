import { ContractError } from '@app/contract';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { JwtStrategy } from './jwt.strategy.js';
import { PUBLIC } from './public.decorator.js';

/**
 * Asks every request for a bearer token of a living session: the app registers it for all routes, and only those marked
 * `@Public()` are open. Hands on the `AuthenticatedUser`.
 *
 * It does not extend `AuthGuard('jwt')`, which looks strategies up in a registry of the whole process, where two drives
 * side by side, as in tests, would check each other's tokens, and which costs a guarded request half as much again.
 */
@Injectable()
export class JwtAuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly strategy: JwtStrategy,
  ) {}

  /** @throws ContractError `notAuthenticated`, whatever is wrong with the token */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const request = context.switchToHttp().getRequest();
    request.user = await this.strategy.userOf(request);
    if (request.user) return true;
    throw new ContractError('notAuthenticated', { headers: { 'www-authenticate': 'Bearer' } });
  }
}
