import { IfGiven, IsTime } from '@app/http';
import { ERRORS } from '@app/contract';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { REFUSALS, type Rule, RULES, type Verdict } from '../access-policy.js';
import { IsAddress } from './validation.js';

/** Who would use the link, and when. */
export class CheckAccessDto {
  @ApiProperty({ type: String, example: '192.0.2.7' })
  @IsAddress()
  ip: string;

  @ApiPropertyOptional({ type: String, format: 'date-time', description: 'Now, if left out' })
  @IfGiven()
  @IsTime()
  at?: string;
}

class CheckDto {
  @ApiProperty({ enum: RULES, enumName: 'AccessRule', example: 'public' })
  rule: Rule;

  @ApiProperty({ type: Boolean })
  passed: boolean;
}

export class CheckBody {
  @ApiProperty({ type: Boolean, example: false })
  allowed: boolean;

  @ApiProperty({
    type: String,
    nullable: true,
    enum: [...Object.values(REFUSALS).map((name) => ERRORS[name].text), null],
    example: ERRORS.linkExpired.text,
    description: 'What the link would answer with; null when it would work',
  })
  reason: string | null;

  @ApiProperty({ type: [CheckDto], description: 'In this order; the first that is not passed is the reason' })
  checks: CheckDto[];

  static of({ refusedBy, checks }: Verdict): CheckBody {
    return {
      allowed: refusedBy === undefined,
      reason: refusedBy === undefined ? null : ERRORS[REFUSALS[refusedBy]].text,
      checks: checks.map(({ rule, passed }) => ({ rule, passed })),
    };
  }
}
