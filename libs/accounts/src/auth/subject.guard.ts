import { ApiErrors, ContractError, type ErrorName } from '@app/contract';
import { parseId } from '@app/http';
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { principalOf } from './current-user.decorator.js';

const FORBIDDEN = 'defdrive:forbidden';

/** How a kind of thing stands in the URL, and what is answered where there is none. */
export interface SubjectNames {
  /** Of the path, such as `fileId`. */
  readonly parameter: string;
  readonly example: number;
  /** What is no id at all. */
  readonly invalid: ErrorName;
  readonly missing: ErrorName;
}

interface SubjectRequest extends FastifyRequest {
  params: Record<string, string>;
  subject?: object;
}

/**
 * Finds the thing that the URL names, lets only its owner pass where it has one, and hands on the very thing that it
 * checked: see `subject()`. After it nobody looks a thing up by a number from the URL again.
 * It refuses with 400 for what is no id, 404 where there is no such thing, and the route's own 403 for another's.
 */
@Injectable()
export abstract class SubjectGuard<Subject extends object> implements CanActivate {
  constructor(
    private readonly names: SubjectNames,
    private readonly reflector: Reflector,
  ) {}

  protected abstract find(id: number): Promise<Subject | undefined>;

  /** The id of the user whose it is; none where that is no matter, as on routes of admins. */
  protected abstract ownerOf(subject: Subject): number | undefined;

  /** Looks whether the request is about the thing as it is. @throws ContractError if it is not */
  protected accept(_subject: Subject, _request: FastifyRequest): void {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<SubjectRequest>();
    const id = parseId(request.params[this.names.parameter] ?? '', this.names.invalid);
    const subject = await this.find(id);
    if (!subject) throw new ContractError(this.names.missing);
    const owner = this.ownerOf(subject);
    if (owner !== undefined && owner !== principalOf(context).user.id)
      throw new ContractError(this.reflector.get<ErrorName>(FORBIDDEN, context.getHandler()));
    this.accept(subject, request);
    request.subject = subject;
    return true;
  }
}

/**
 * Marks a route that acts on one thing: the guard, and its entry in the OpenAPI document.
 * @param forbidden what another user's is answered with, where things have owners
 */
export function SubjectRoute(
  guard: Type<SubjectGuard<object>>,
  { parameter, example, invalid, missing }: SubjectNames,
  forbidden?: ErrorName,
): MethodDecorator {
  return applyDecorators(
    ...(forbidden ? [SetMetadata(FORBIDDEN, forbidden)] : []),
    UseGuards(guard),
    ApiParam({ name: parameter, schema: { type: 'integer', minimum: 1, maximum: 2147483647 }, example }),
    ApiErrors(invalid, 'notAuthenticated', ...(forbidden ? [forbidden] : []), missing),
  );
}

/** Makes the handler's parameter that is the thing which the guard checked. */
export function subject<Subject extends object>(): () => ParameterDecorator {
  return createParamDecorator((_: unknown, context: ExecutionContext): Subject => {
    const { subject: found } = context.switchToHttp().getRequest<SubjectRequest>();
    if (!found) throw new Error('This route has no SubjectGuard');
    return found as Subject;
  });
}
