import { ApiErrors } from '@app/contract';
import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';

/** What an API token can be allowed. Each route asks for one of these, or is closed to API tokens altogether. */
export const SCOPES = ['files:read', 'files:write', 'files:delete', 'sharing', 'account:read', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Where a route's scope stands. */
export const SCOPE = 'defdrive:scope';

/** Opens a route, or all routes of a controller, to API tokens that have this scope. */
export function ApiTokenScope(scope: Scope): MethodDecorator & ClassDecorator {
  return applyDecorators(SetMetadata(SCOPE, scope), ApiExtension('x-api-token-scope', scope), ApiErrors('beyondScope'));
}
