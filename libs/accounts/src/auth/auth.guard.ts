import { ContractError } from '@app/contract';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticator, AUTHENTICATORS } from './authenticator.js';
import type { RequestWithPrincipal } from './principal.js';
import { PUBLIC } from './public.decorator.js';

/**
 * Asks every request who makes it: the app registers it for all routes, and only those marked `@Public()` are open.
 * Hands on the `Principal`.
 *
 * It does not extend `AuthGuard('jwt')`, which looks strategies up in a registry of the whole process, where two drives
 * side by side, as in tests, would check each other's tokens, and which costs a guarded request half as much again.
 */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    @Inject(AUTHENTICATORS) private readonly authenticators: readonly Authenticator[],
  ) {}

  /** @throws ContractError `notAuthenticated`, whatever is wrong; and what an authenticator throws */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & RequestWithPrincipal>();
    const authenticator = this.authenticators.find((each) => each.reads(request));
    const principal = await authenticator?.principalOf(request, http.getResponse<FastifyReply>());
    if (!principal) throw new ContractError('notAuthenticated', { headers: { 'www-authenticate': 'Bearer' } });
    request.principal = principal;
    return true;
  }
}
