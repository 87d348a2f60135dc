import { ApiProperty } from '@nestjs/swagger';
import type { UploadRecord } from '../uploads/upload-rows.js';

/** An unfinished upload. */
export class UploadDto {
  @ApiProperty({ type: String, example: '3f2a9c0d5b7e41868a1c2d3e4f506172', description: 'Of /api/uploads/{id}' })
  id: string;

  @ApiProperty({ type: String, example: 'holiday.mp4' })
  name: string;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'Bytes', example: 1073741824 })
  length: number;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'Bytes that are here', example: 33554432 })
  offset: number;

  @ApiProperty({ type: String, format: 'date-time', description: 'When it ends, unless more comes before' })
  expiresAt: string;

  static of({ id, name, length, received, expiresAt }: UploadRecord): UploadDto {
    return { id, name: name ?? '', length, offset: received, expiresAt: new Date(expiresAt).toISOString() };
  }
}

export class UploadListBody {
  @ApiProperty({ type: [UploadDto] })
  uploads: UploadDto[];
}
