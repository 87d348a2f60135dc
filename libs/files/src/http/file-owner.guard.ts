import type { AuthenticatedUser } from '@app/accounts';
import { ApiErrors, ContractError, type ErrorName } from '@app/contract';
import type { File } from '@app/database';
import { parseId } from '@app/http';
import {
  applyDecorators,
  type CanActivate,
  createParamDecorator,
  type ExecutionContext,
  Injectable,
  SetMetadata,
  UseGuards,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { findLiveFile } from '../file-rows.js';

const FORBIDDEN = 'defdrive:file-forbidden';

interface FileRequest extends FastifyRequest {
  params: { fileId: string };
  user: AuthenticatedUser;
  ownedFile?: File;
}

/**
 * Lets only the owner of the file in the URL pass, and hands on the very file that it checked: see `@OwnedFile()`.
 * It refuses with 400 for what is no id, 404 where there is no such file, and the route's own 403 for another's.
 */
@Injectable()
export class FileOwnerGuard implements CanActivate {
  constructor(
    private readonly dataSource: DataSource,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FileRequest>();
    const id = parseId(request.params.fileId, 'invalidFileId');
    const file = await findLiveFile(this.dataSource, id);
    if (!file) throw new ContractError('fileNotFound');
    if (file.ownerId !== request.user.id) {
      throw new ContractError(this.reflector.get<ErrorName>(FORBIDDEN, context.getHandler()));
    }
    request.ownedFile = file;
    return true;
  }
}

/**
 * Marks a route that acts on one file of its caller: the ownership guard, and its entry in the OpenAPI document.
 * @param forbidden what another user's file is answered with
 */
export function OwnedFileRoute(forbidden: ErrorName): MethodDecorator {
  return applyDecorators(
    SetMetadata(FORBIDDEN, forbidden),
    UseGuards(FileOwnerGuard),
    ApiParam({ name: 'fileId', schema: { type: 'integer', minimum: 1, maximum: 2147483647 }, example: 42 }),
    ApiErrors('invalidFileId', 'notAuthenticated', forbidden, 'fileNotFound'),
  );
}

/** The file that the guard checked. */
export const OwnedFile = createParamDecorator((_: unknown, context: ExecutionContext): File => {
  const { ownedFile } = context.switchToHttp().getRequest<FileRequest>();
  if (!ownedFile) throw new Error('This route has no FileOwnerGuard');
  return ownedFile;
});
