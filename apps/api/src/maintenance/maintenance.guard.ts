import { ContractError } from '@app/contract';
import { DURING_MAINTENANCE } from '@app/http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { Maintenance } from './maintenance.js';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** While there is maintenance, reads go on and writes are refused, before a body is asked for. */
@Injectable()
export class MaintenanceGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly maintenance: Maintenance,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const { current } = this.maintenance;
    if (!current || READS.has(context.switchToHttp().getRequest<FastifyRequest>().method)) return true;
    if (this.reflector.getAllAndOverride(DURING_MAINTENANCE, [context.getHandler(), context.getClass()])) return true;
    const { reason: maintenance, retryAfterSeconds: retryAfter } = current;
    throw new ContractError('unavailable', { retryAfter, fields: { maintenance } });
  }
}
