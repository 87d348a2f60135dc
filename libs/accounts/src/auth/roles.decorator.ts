import type { Role } from '@app/database';
import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const ROLES = 'roles';

/** Opens a route, or all routes of a controller, only to users who have one of these roles. */
export const Roles = (...roles: Role[]): CustomDecorator => SetMetadata(ROLES, roles);
