import { ContractError } from '@app/contract';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

/**
 * Refuses a body that is no JSON object. For routes whose fields may all be left out: a form, a list or `null` would
 * pass for an object without fields, and its sender would believe that his settings were taken.
 */
@Injectable()
export class JsonBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { body, headers } = context.switchToHttp().getRequest<FastifyRequest>();
    const sent = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
    if (!isObject && (body !== undefined || sent)) throw new ContractError('invalidBody');
    return true;
  }
}
