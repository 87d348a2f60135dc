import { ApiProperty } from '@nestjs/swagger';

export class StorageOverview {
  @ApiProperty({ enum: ['local', 's3'], example: 'local' })
  kind: 'local' | 's3';

  @ApiProperty({ type: 'integer', format: 'int64', nullable: true, description: 'Bytes; null where nobody can tell' })
  free: number | null;
}

export class DatabaseOverview {
  @ApiProperty({ enum: ['sqlite', 'mariadb', 'mysql'], example: 'sqlite' })
  kind: 'sqlite' | 'mariadb' | 'mysql';

  @ApiProperty({ type: String, example: '3.53.0' })
  version: string;
}

export class ServerOverview {
  @ApiProperty({ type: String, format: 'uuid', example: '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d' })
  id: string;

  @ApiProperty({ type: String, example: 'drive.example.org' })
  name: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  startedAt: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T18:30:00.000Z' })
  seenAt: string;
}

/** The drive at a glance. */
export class OverviewDto {
  @ApiProperty({ type: 'integer', example: 12 })
  users: number;

  @ApiProperty({ type: 'integer', example: 345 })
  files: number;

  @ApiProperty({ type: 'integer', format: 'int64', description: 'Of the files', example: 1073741824 })
  bytes: number;

  @ApiProperty({ type: 'integer', example: 67 })
  accesses: number;

  @ApiProperty({ type: 'integer', description: 'Deleted files whose bytes are still to go', example: 0 })
  removalsWaiting: number;

  @ApiProperty({ type: 'integer', example: 1 })
  uploadsUnderWay: number;

  @ApiProperty({
    type: Boolean,
    description: 'Whether anybody may make an account, at an address that anybody may reach',
  })
  openToAnybody: boolean;

  @ApiProperty({ type: StorageOverview })
  storage: StorageOverview;

  @ApiProperty({ type: DatabaseOverview })
  database: DatabaseOverview;

  @ApiProperty({ type: [ServerOverview] })
  servers: ServerOverview[];
}
