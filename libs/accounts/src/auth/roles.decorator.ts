import type { Role } from '@app/database';
import { applyDecorators, SetMetadata, UseGuards } from '@nestjs/common';
import { ROLES, RolesGuard } from './roles.guard.js';

/** Opens a route, or all routes of a controller, only to users who have one of these roles. Brings its guard along. */
export const Roles = (...roles: Role[]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ROLES, roles), UseGuards(RolesGuard));
