import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

const DEFAULT_LIMIT = 50;
const LIMIT = /^(?:[1-9]\d?|1\d\d|200)$/;

/** What a list in pages is asked with. Texts as the URL has them: a repeated key arrives as a list, which none of the rules takes. */
export class PageQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: DEFAULT_LIMIT })
  @IsOptional()
  @Matches(LIMIT, { message: 'limit must be a whole number from 1 to 200' })
  limit?: string;

  @ApiPropertyOptional({ type: String, description: 'nextCursor of the page before' })
  @IsOptional()
  @IsString()
  @MaxLength(2048)
  cursor?: string;
}

/** A part of a list. */
export interface Page<Item> {
  readonly items: Item[];
  /** Where the next page begins; null on the last. */
  readonly nextCursor: string | null;
}

/** How many entries a page has at most. */
export function limitOf({ limit }: PageQuery): number {
  return Number(limit ?? DEFAULT_LIMIT);
}

/**
 * Makes a page of what was read for it: the first `count` rows, behind which there are more if any were read beyond them.
 * @param cursorOf the values by which the list is sorted, of the row that a page ends with
 */
export function pageOf<Row>(rows: Row[], count: number, cursorOf: (row: Row) => readonly unknown[]): Page<Row> {
  const last = rows.length > count ? rows[count - 1] : undefined;
  const cursor = last && Buffer.from(JSON.stringify(cursorOf(last))).toString('base64url');
  return { items: rows.slice(0, count), nextCursor: cursor ?? null };
}

/** The values that a cursor holds, whatever they are: the caller judges them. None of what is no cursor. */
export function readCursor(cursor: string): unknown[] {
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(values) ? values : [];
  } catch {
    return [];
  }
}
