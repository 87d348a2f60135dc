import type { File } from '@app/database';
import { FileDto } from '@app/files';
import { ApiProperty } from '@nestjs/swagger';
import type { DeletionPreview } from '../deletion-preview.service.js';

export class DeletionAccessesDto {
  @ApiProperty({ type: 'integer', example: 3, description: 'Links that go with the file' })
  count: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'Those of them that let somebody in now' })
  open: number;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-27T09:30:00.000Z' })
  lastUsedAt: string | null;
}

/** What a delete would take. */
export class DeletionPreviewBody {
  @ApiProperty({ type: FileDto })
  file: FileDto;

  @ApiProperty({ type: DeletionAccessesDto })
  accesses: DeletionAccessesDto;

  @ApiProperty({ type: 'integer', example: 0, description: 'Under way now, which a delete lets run to their end' })
  downloads: number;

  static of(file: File, username: string, { accesses, downloads }: DeletionPreview): DeletionPreviewBody {
    const { count, open, lastUsedAt } = accesses;
    const usedAt = lastUsedAt === null ? null : new Date(lastUsedAt).toISOString();
    return { file: FileDto.of(file, username), accesses: { count, open, lastUsedAt: usedAt }, downloads };
  }
}
