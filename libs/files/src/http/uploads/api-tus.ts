import { ApiErrors } from '@app/contract';
import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiConsumes,
  ApiCreatedResponse,
  ApiHeader,
  ApiNoContentResponse,
  ApiOkResponse,
  ApiOperation,
} from '@nestjs/swagger';
import { PART_TYPE } from './tus.js';

const bytes = (description: string) => ({
  description,
  schema: { type: 'integer', format: 'int64', minimum: 0 } as const,
});
const text = (description: string) => ({ description, schema: { type: 'string' } as const });

const OFFSET = { 'Upload-Offset': bytes('Bytes that are durable') };
const STATE = {
  ...OFFSET,
  'Upload-Expires': text('When the upload ends, unless more comes before; not once it is finished'),
  'Content-Location': text('The file, once the upload is finished'),
};
const CHECKSUM = {
  name: 'Upload-Checksum',
  required: false,
  schema: { type: 'string' },
  example: 'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=',
} as const;
const LENGTH = { name: 'Upload-Length', required: true, schema: { type: 'integer', minimum: 0 }, example: 11 } as const;
const METADATA = {
  ...{ name: 'Upload-Metadata', required: true, schema: { type: 'string' } },
  example: 'filename aGVsbG8udHh0',
} as const;
const PART = { required: false, schema: { type: 'string', format: 'binary' } };

/** How the document tells of OPTIONS. */
export function ApiOptions(): MethodDecorator {
  const headers = {
    'Tus-Version': text('1.0.0'),
    'Tus-Extension': text('What is spoken beside the core'),
    'Tus-Checksum-Algorithm': text('What Upload-Checksum may name'),
    'Tus-Max-Size': text('Bytes of the largest file, where there is such a limit'),
  };
  return applyDecorators(
    ApiOperation({ summary: 'Ask what of tus is spoken here' }),
    ApiNoContentResponse({ description: 'In headers', headers }),
  );
}

/** How the document tells of a creation. */
export function ApiCreation(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Begin a resumable upload',
      description: `tus 1.0.0. Claims the name and reserves the room. May hold the first bytes, as ${PART_TYPE}.`,
    }),
    ...[LENGTH, METADATA, CHECKSUM].map((header) => ApiHeader(header)),
    ApiConsumes(PART_TYPE),
    ApiBody(PART),
    ApiCreatedResponse({ description: 'Begun', headers: { Location: text('The address of the upload'), ...STATE } }),
    ApiErrors(
      'invalidUpload',
      'invalidFileName',
      'checksumUnsupported',
      ['fileLimitExceeded', { currentFiles: 100, maxFiles: 100 }],
      ['storageLimitExceeded', { currentStorage: 1073741000, maxStorage: 1073741824, fileSize: 4096 }],
      'uploadLimitExceeded',
      ['nameTaken', { uploadId: '3f2a9c0d5b7e41868a1c2d3e4f506172' }],
      'fileTooLarge',
      'uploadContentType',
      'checksumMismatch',
      'insufficientStorage',
    ),
  );
}

/** How the document tells of a look at an upload. */
export function ApiLook(): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: 'Ask how far an upload is' }),
    ApiOkResponse({
      description: 'How far it is',
      headers: { ...STATE, 'Upload-Length': bytes('Bytes in all'), 'Upload-Metadata': text('As it was given') },
    }),
    ApiErrors('uploadLocked'),
  );
}

/** How the document tells of a part of an upload. */
export function ApiPart(): MethodDecorator {
  return applyDecorators(
    ApiOperation({
      summary: 'Send the next bytes of an upload',
      description:
        'They are durable when this answers. The last ones make the file. What came of a request that broke off is kept, unless it has a checksum.',
    }),
    ApiHeader({ name: 'Upload-Offset', required: true, schema: { type: 'integer', minimum: 0 }, example: 0 }),
    ApiHeader(CHECKSUM),
    ApiConsumes(PART_TYPE),
    ApiBody(PART),
    ApiNoContentResponse({ description: 'Taken', headers: STATE }),
    ApiErrors(
      'invalidUpload',
      'checksumUnsupported',
      ['uploadOffset', { offset: 33554432 }],
      'fileTooLarge',
      'uploadContentType',
      'uploadLocked',
      'checksumMismatch',
      'insufficientStorage',
    ),
  );
}
