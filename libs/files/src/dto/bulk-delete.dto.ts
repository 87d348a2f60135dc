import { codeOf, ContractError, ERRORS } from '@app/contract';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsOptional, Min } from 'class-validator';

const MOST = 500;
const MAX_ID = 2_147_483_647;

export class BulkDeleteDto {
  @ApiProperty({
    type: 'array',
    items: { type: 'integer', minimum: 1, maximum: MAX_ID },
    minItems: 1,
    maxItems: MOST,
    example: [42, 43],
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MOST)
  ids: unknown[];

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    description: 'How many files go: asked for where that is more than 20 and more than half of your files',
    example: 2,
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  confirm?: number;
}

/** @throws ContractError invalidFileId for anything but whole numbers that an id can be */
export function idsOf({ ids }: BulkDeleteDto): number[] {
  const isId = (id: unknown): id is number => Number.isInteger(id) && (id as number) >= 1 && (id as number) <= MAX_ID;
  if (!ids.every(isId)) throw new ContractError('invalidFileId');
  return ids;
}

/** What became of a file. */
export interface DeleteResult {
  readonly id: number;
  /** None: it is deleted. */
  readonly error?: ContractError;
}

/** The same in an answer. */
export class DeleteResultDto {
  @ApiProperty({ type: 'integer', example: 42 })
  id: number;

  @ApiProperty({ type: Boolean, example: true })
  deleted: boolean;

  @ApiPropertyOptional({ type: String, example: ERRORS.fileNotFound.text, description: 'Why it is not' })
  error?: string;

  @ApiPropertyOptional({ type: String, example: 'file_not_found' })
  code?: string;

  static of({ id, error }: DeleteResult): DeleteResultDto {
    return error ? { id, deleted: false, error: error.message, code: codeOf(error.errorName) } : { id, deleted: true };
  }
}

export class BulkDeleteBody {
  @ApiProperty({ type: 'integer', example: 2 })
  deleted: number;

  @ApiProperty({ type: [DeleteResultDto], description: 'In the order of the ids' })
  results: DeleteResultDto[];

  static of(results: readonly DeleteResult[]): BulkDeleteBody {
    const all = results.map((result) => DeleteResultDto.of(result));
    return { deleted: all.filter(({ deleted }) => deleted).length, results: all };
  }
}
