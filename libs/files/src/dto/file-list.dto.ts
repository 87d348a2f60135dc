import { PageQuery } from '@app/http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { FileDto } from './file.dto.js';

export const FILE_SORTS = ['createdAt', '-createdAt', 'name', '-name', 'size', '-size'] as const;
export type FileSort = (typeof FILE_SORTS)[number];

export class ListFilesQuery extends PageQuery {
  @ApiPropertyOptional({ enum: FILE_SORTS, default: '-createdAt', description: 'A minus sorts downwards' })
  @IsOptional()
  @IsIn(FILE_SORTS, { message: `sort must be one of ${FILE_SORTS.join(', ')}` })
  sort?: FileSort;

  @ApiPropertyOptional({ type: String, description: 'A part of the name, in any case' })
  @IsOptional()
  @IsString()
  @MaxLength(255)
  q?: string;
}

export class FilePageBody {
  @ApiProperty({ type: [FileDto] })
  files: FileDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Give it as cursor for the next page; null on the last' })
  nextCursor: string | null;
}

export class FileTypeStats {
  @ApiProperty({ type: String, example: 'pdf' })
  extension: string;

  @ApiProperty({ type: 'integer', example: 3 })
  count: number;

  @ApiProperty({ type: 'integer', format: 'int64', example: 3072, description: 'Bytes' })
  totalSize: number;
}

export class FileStatsBody {
  @ApiProperty({ type: 'integer', example: 3 })
  fileCount: number;

  @ApiProperty({ type: 'integer', format: 'int64', example: 3072, description: 'Bytes' })
  totalStorage: number;

  @ApiProperty({ type: [FileTypeStats] })
  fileTypes: FileTypeStats[];
}
