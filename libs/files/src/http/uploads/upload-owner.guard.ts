import { principalOf, subject } from '@app/accounts';
import { ApiErrors, ContractError } from '@app/contract';
import { applyDecorators, type CanActivate, type ExecutionContext, Injectable, UseGuards } from '@nestjs/common';
import { ApiHeader, ApiParam } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { findUpload, type UploadRecord } from '../../uploads/upload-rows.js';
import { assertThere } from '../../uploads/uploads.service.js';
import { TUS_VERSION } from './tus.js';
import { TusGuard } from './tus.guard.js';

/** How an upload stands in the URL. */
export const UPLOAD_ID = {
  ...{ name: 'uploadId', schema: { type: 'string', pattern: '^[0-9a-f]{32}$' } },
  example: '3f2a9c0d5b7e41868a1c2d3e4f506172',
} as const;

interface UploadRequest extends FastifyRequest {
  params: { uploadId: string };
  subject?: object;
}

/**
 * Lets only the owner of the upload in the URL pass, and hands on the very upload that it checked: see `@OwnedUpload()`.
 * Nobody learns anything of an address that he cannot know: another's is as little there as none.
 */
@Injectable()
export class UploadOwnerGuard implements CanActivate {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ContractError uploadNotFound, uploadGone */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<UploadRequest>();
    const { uploadId } = request.params;
    const upload = /^[0-9a-f]{32}$/.test(uploadId) ? await findUpload(this.dataSource, uploadId) : undefined;
    if (upload?.ownerId !== principalOf(context).user.id) throw new ContractError('uploadNotFound');
    assertThere(upload);
    request.subject = upload;
    return true;
  }
}

/** The header that says which protocol is spoken: on every request but OPTIONS and the list. */
export function TusRoute(): MethodDecorator {
  return applyDecorators(
    UseGuards(TusGuard),
    ApiHeader({ name: 'Tus-Resumable', required: true, schema: { type: 'string', enum: [TUS_VERSION] } }),
    ApiErrors('notAuthenticated', 'tusVersion'),
  );
}

/** Marks a route that acts on one upload of its caller: the guards, and their entries in the OpenAPI document. */
export function OwnedUploadRoute(): MethodDecorator {
  return applyDecorators(
    TusRoute(),
    UseGuards(UploadOwnerGuard),
    ApiParam(UPLOAD_ID),
    ApiErrors('uploadNotFound', 'uploadGone'),
  );
}

/** The upload that the guard checked. */
export const OwnedUpload = subject<UploadRecord>();
