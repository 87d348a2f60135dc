import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { AuthenticatedUser } from './authenticated-user.js';
import type { Principal, RequestWithPrincipal, SessionPrincipal } from './principal.js';

/** @throws Error on a route that is `@Public()`, where nobody has been asked for */
export function principalOf(context: ExecutionContext): Principal {
  const { principal } = context.switchToHttp().getRequest<RequestWithPrincipal>();
  if (!principal) throw new Error('This route asks nobody who makes the request');
  return principal;
}

/** The handler's parameter that is the `AuthenticatedUser`. */
export const CurrentUser = createParamDecorator(
  (_data: unknown, context: ExecutionContext): AuthenticatedUser => principalOf(context).user,
);

/** The handler's parameter that is the `Principal`. */
export const CurrentPrincipal = createParamDecorator((_data: unknown, context: ExecutionContext): Principal =>
  principalOf(context),
);

/** The handler's parameter that is the `SessionPrincipal`, for routes that no API token opens. */
export const CurrentSession = createParamDecorator((_data: unknown, context: ExecutionContext): SessionPrincipal => {
  const principal = principalOf(context);
  if (principal.sessionId === undefined) throw new Error('This route is open to API tokens, which have no session');
  return principal as SessionPrincipal;
});
