import { type Page, PageQuery } from '@app/http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { ListedFile } from '../list/listed-files.js';
import { FileDto } from './file.dto.js';

const FILE_SORTS = ['createdAt', '-createdAt', 'name', '-name', 'size', '-size'] as const;
export type FileSort = (typeof FILE_SORTS)[number];

const POSITION = /^(?:0|[1-9]\d{0,8})$/;

export class ListFilesQuery extends PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 999999999,
    description: 'Where in the list to begin, instead of a cursor, for a view that jumps; the answer then says `total`',
  })
  @IsOptional()
  @Matches(POSITION, { message: 'position must be a whole number from 0 to 999999999' })
  position?: string;

  @ApiPropertyOptional({ enum: FILE_SORTS, default: '-createdAt', description: 'A minus sorts downwards' })
  @IsOptional()
  @IsIn(FILE_SORTS, { message: `sort must be one of ${FILE_SORTS.join(', ')}` })
  sort?: FileSort;

  @ApiPropertyOptional({
    type: String,
    description: 'A part of the name, in any case. Of very many files it may take longer than is waited for: 503',
  })
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

  @ApiPropertyOptional({ type: 'integer', minimum: 0, example: 1000, description: 'Where `position` was given' })
  total?: number;

  static of({ items, ...where }: Page<ListedFile> & { total?: number }, username: string): FilePageBody {
    return { files: items.map((file) => FileDto.of(file, username)), ...where };
  }
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

  @ApiProperty({ type: [FileTypeStats], description: 'The largest first; a thousand at most' })
  fileTypes: FileTypeStats[];
}
