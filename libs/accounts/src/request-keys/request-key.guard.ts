import { ApiErrors, ContractError } from '@app/contract';
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  type Type,
} from '@nestjs/common';
import { ModuleRef, Reflector } from '@nestjs/core';
import { ApiHeader } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { principalOf } from '../auth/current-user.decorator.js';
import type { HeldKey } from './held-key.js';
import { type Replay, RequestKeys } from './request-keys.js';

const REPLAY = 'defdrive:replay';
const KEY = /^[\x21-\x7e]{1,255}$/;
const PROBLEM = 'Idempotency-Key must be 1 to 255 visible ASCII characters';

/** What the guard leaves on a request that has a key. */
export interface RequestWithKey {
  requestKey?: HeldKey;
}

/**
 * Answers a request that was carried out before from what was kept of it, before anybody looks at its ids and owners: the
 * file of a delete that is asked for again is gone. The app registers it for all routes, after those that ask who makes
 * the request; it acts on those marked `@Idempotent()`, where the request has a key.
 */
@Injectable()
export class RequestKeyGuard implements CanActivate {
  constructor(
    private readonly keys: RequestKeys,
    private readonly modules: ModuleRef,
    private readonly reflector: Reflector,
  ) {}

  /** @throws AnsweredBefore; ContractError badRequest, idempotencyKeyReused, idempotencyKeyUnderWay */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest & RequestWithKey>();
    const key = request.headers['idempotency-key'];
    if (key === undefined) return true;
    const replay = this.reflector.get<Type<Replay> | null>(REPLAY, context.getHandler());
    if (replay === undefined) return true;
    if (typeof key !== 'string' || !KEY.test(key)) throw new ContractError('badRequest', { text: PROBLEM });
    return this.enter(key, request, context, replay);
  }

  private async enter(
    key: string,
    request: FastifyRequest & RequestWithKey,
    context: ExecutionContext,
    replay: Type<Replay> | null,
  ): Promise<boolean> {
    const { user } = principalOf(context);
    const replays = replay ? this.modules.get(replay, { strict: false }) : undefined;
    request.requestKey = await this.keys.enter(key, request, user, replays);
    return true;
  }
}

/**
 * Marks a route whose request may carry an Idempotency-Key, and its entry in the OpenAPI document. The handler takes the
 * key by `@RequestKey()` and hands it to the service, which writes it in the transaction that does the work.
 * @param replay makes the answer again where what is kept is not the answer itself
 */
export function Idempotent(replay?: Type<Replay>): MethodDecorator {
  return applyDecorators(
    SetMetadata(REPLAY, replay ?? null),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'The same key and request within 24 hours: the same answer, and nothing is done twice',
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]*$' },
    }),
    ApiErrors('badRequest', 'idempotencyKeyUnderWay', 'idempotencyKeyReused'),
  );
}

/** The handler's parameter that is the request's `HeldKey`, if it has one. */
export const RequestKey = createParamDecorator(
  (_data: unknown, context: ExecutionContext): HeldKey | undefined =>
    context.switchToHttp().getRequest<RequestWithKey>().requestKey,
);
