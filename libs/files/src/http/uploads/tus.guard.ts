import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { assertVersion } from './tus.js';

/** Lets only requests pass that speak our version of tus. */
@Injectable()
export class TusGuard implements CanActivate {
  /** @throws ContractError tusVersion */
  canActivate(context: ExecutionContext): boolean {
    assertVersion(context.switchToHttp().getRequest<FastifyRequest>());
    return true;
  }
}
