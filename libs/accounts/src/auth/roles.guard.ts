import { ContractError } from '@app/contract';
import type { Role } from '@app/database';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { RequestWithPrincipal } from './principal.js';
import { ROLES } from './roles.decorator.js';

/** Where `@Roles()` names roles, lets through who has one of them; 403 for everybody else. Registered by the app for all routes. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const roles = this.reflector.getAllAndOverride<Role[] | undefined>(ROLES, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!roles) return true;
    const { principal } = context.switchToHttp().getRequest<RequestWithPrincipal>();
    if (principal && roles.includes(principal.user.role)) return true;
    throw new ContractError('adminRequired');
  }
}
