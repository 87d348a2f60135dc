import type { AuthenticatedUser } from './authenticated-user.js';
import type { Scope } from './scopes.js';

/** How a request says who makes it: a session's bearer token, a browser's cookie, or an API token. */
export type Via = 'jwt' | 'cookie' | 'token';

/** Who makes a request, by what, and what he may do with it. */
export interface Principal {
  readonly user: AuthenticatedUser;
  readonly via: Via;
  /** The session of the request; an API token has none. */
  readonly sessionId: string | undefined;
  /** What an API token may do; none: everything that its user may. */
  readonly scopes: readonly Scope[] | undefined;
}

/** A principal with a session: everybody but an API token. */
export interface SessionPrincipal extends Principal {
  readonly sessionId: string;
}

/** What the guard leaves on a request. On a route that is `@Public()` there is nobody. */
export interface RequestWithPrincipal {
  principal?: Principal;
}
