import { IfGiven, TextLength } from '@app/http';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

/** What whoever uses a link may have to say. */
export class UseLinkDto {
  @ApiPropertyOptional({ type: String, maxLength: 128, description: 'The password of the link, where it has one' })
  @IfGiven()
  @TextLength(0, 128)
  password?: string;
}

export class UsedLinkBody {
  @ApiProperty({
    type: String,
    example: '/link/9f86d081884c7d659a2feaa0c55ad015/content?ticket=3c9909afec25354d551dae21590bb26e',
    description: 'Where the bytes are, in whatever parts and as often as needed',
  })
  content: string;

  @ApiProperty({ type: String, format: 'date-time', example: '2030-01-31T12:00:00.000Z' })
  expiresAt: string;
}
