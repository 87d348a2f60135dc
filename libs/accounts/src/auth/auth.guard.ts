import { ContractError } from '@app/contract';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type Authenticator, AUTHENTICATORS } from './authenticator.js';
import type { Principal, RequestWithPrincipal } from './principal.js';
import { PUBLIC } from './public.decorator.js';
import { type Scope, SCOPE } from './scopes.js';

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

  /** @throws ContractError `notAuthenticated`, whatever is wrong; `beyondScope`; and what an authenticator throws */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()])) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & RequestWithPrincipal>();
    const principal = await identify(this.authenticators, request, http.getResponse<FastifyReply>());
    if (principal.scopes) this.requireScope(principal.scopes, context);
    request.principal = principal;
    return true;
  }

  /** A route that names no scope is closed to API tokens. @throws ContractError `beyondScope` */
  private requireScope(scopes: readonly Scope[], context: ExecutionContext): void {
    const scope = this.reflector.getAllAndOverride<Scope | undefined>(SCOPE, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!scope || !scopes.includes(scope)) throw new ContractError('beyondScope');
  }
}

/**
 * Who makes a request, whichever way it says so.
 * @throws ContractError `notAuthenticated`, whatever is wrong; and what an authenticator throws
 */
export async function identify(
  authenticators: readonly Authenticator[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Principal> {
  const authenticator = authenticators.find((each) => each.reads(request));
  const principal = await authenticator?.principalOf(request, reply);
  if (!principal) throw new ContractError('notAuthenticated', { headers: { 'www-authenticate': 'Bearer' } });
  return principal;
}
