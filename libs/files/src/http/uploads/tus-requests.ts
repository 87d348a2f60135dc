import type { AuthenticatedUser } from '@app/accounts';
import { ContractError } from '@app/contract';
import { ClientGoneError, declaredLength, expectBody } from '@app/http';
import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { UploadPart } from '../../uploads/upload-part.js';
import type { UploadRecord } from '../../uploads/upload-rows.js';
import { UploadsService } from '../../uploads/uploads.service.js';
import { assertPartType, hasBody, readAnnouncement, readChecksum, readOffset } from './tus.js';

/** Takes requests of tus apart for the uploads. */
@Injectable()
export class TusRequests {
  constructor(private readonly uploads: UploadsService) {}

  /**
   * Begins an upload, and takes what the request has of it already. If that fails the upload ends: nobody was told its
   * address, so nobody could go on with it.
   */
  async create(user: AuthenticatedUser, request: FastifyRequest, reply: FastifyReply): Promise<UploadRecord> {
    const announced = readAnnouncement(request);
    if (!hasBody(request)) return this.uploads.create(user, announced);
    assertPartType(request);
    const part = partOf(request, reply, 0);
    if ((part.declared ?? 0) > announced.length) throw new ContractError('fileTooLarge');
    const upload = await this.uploads.create(user, announced);
    try {
      return await this.append(upload, request, part);
    } catch (error) {
      await this.uploads.end(upload);
      throw error;
    }
  }

  /** @throws ClientGoneError when nobody is there to read an answer; what came before is kept */
  async patch(upload: UploadRecord, request: FastifyRequest, reply: FastifyReply): Promise<UploadRecord> {
    assertPartType(request);
    return this.append(upload, request, partOf(request, reply, readOffset(request)));
  }

  private async append(upload: UploadRecord, { raw }: FastifyRequest, part: UploadPart): Promise<UploadRecord> {
    try {
      return await this.uploads.append(upload, part);
    } catch (error) {
      if (raw.destroyed && !raw.readableEnded) throw new ClientGoneError('The client went away', { cause: error });
      throw error;
    }
  }
}

function partOf(request: FastifyRequest, reply: FastifyReply, offset: number): UploadPart {
  return {
    offset,
    declared: declaredLength(request),
    checksum: readChecksum(request),
    open: () => {
      expectBody(request.raw, reply.raw);
      return request.raw;
    },
  };
}
