import type { Session } from '@app/database';
import { ApiProperty } from '@nestjs/swagger';

/** One log-in of the user who asks. */
export class SessionDto {
  @ApiProperty({ type: String, format: 'uuid', example: '2f1c0f5e-6f0b-4d0c-9d55-0a4e3c8f1b7d' })
  id: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-01-31T12:00:00.000Z' })
  createdAt: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-02-01T12:00:00.000Z' })
  expiresAt: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    description: 'To the minute',
    example: '2026-01-31T18:30:00.000Z',
  })
  lastSeenAt: string;

  @ApiProperty({ type: String, description: 'As the client called itself; may be empty', example: 'curl/8.14.1' })
  userAgent: string;

  @ApiProperty({ type: Boolean, description: 'Whether it is the session of this very request', example: true })
  current: boolean;

  static of(session: Session, currentId: string | undefined): SessionDto {
    return {
      id: session.id,
      createdAt: new Date(session.createdAt).toISOString(),
      expiresAt: new Date(session.expiresAt).toISOString(),
      lastSeenAt: new Date(session.lastSeenAt).toISOString(),
      userAgent: session.userAgent,
      current: session.id === currentId,
    };
  }
}

export class SessionsDto {
  @ApiProperty({ type: [SessionDto] })
  sessions: SessionDto[];
}
