import type { File } from '@app/database';
import { ApiProperty } from '@nestjs/swagger';

type FileFields = Pick<File, 'id' | 'name' | 'size' | 'sha256' | 'public' | 'createdAt' | 'updatedAt'>;

/** A file as clients see it. */
export class FileDto {
  @ApiProperty({ type: 'integer', example: 42 })
  id: number;

  @ApiProperty({ type: String, example: 'report.pdf' })
  name: string;

  @ApiProperty({ type: String, example: 'alice/report.pdf', description: '<username>/<filename>' })
  location: string;

  @ApiProperty({ type: 'integer', format: 'int64', example: 1024, description: 'Bytes' })
  size: number;

  @ApiProperty({ type: String, example: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' })
  sha256: string;

  @ApiProperty({ type: Boolean, example: false, description: 'Whether its public links work' })
  public: boolean;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-24T09:30:00.000Z' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-24T09:30:00.000Z' })
  updatedAt: string;

  static of(file: FileFields, username: string): FileDto {
    const createdAt = new Date(file.createdAt).toISOString();
    return {
      id: file.id,
      name: file.name,
      location: `${username}/${file.name}`,
      size: file.size,
      sha256: file.sha256,
      public: file.public,
      createdAt,
      // Most files never change, and nothing in a list takes longer than the text of a time.
      updatedAt: file.updatedAt === file.createdAt ? createdAt : new Date(file.updatedAt).toISOString(),
    };
  }
}
