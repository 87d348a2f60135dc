import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import { FileDto } from './file.dto.js';

export const FILE_SORTS = ['createdAt', '-createdAt', 'name', '-name', 'size', '-size'] as const;
export type FileSort = (typeof FILE_SORTS)[number];

const LIMIT = /^(?:[1-9]\d?|1\d\d|200)$/;

/** Texts as the URL has them: a repeated key arrives as a list, which none of the rules takes. */
export class ListFilesQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Matches(LIMIT, { message: 'limit must be a whole number from 1 to 200' })
  limit?: string;

  @ApiPropertyOptional({ type: String, description: 'nextCursor of the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  cursor?: string;

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
