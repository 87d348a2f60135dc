import type { Access } from '@app/database';
import { ApiProperty } from '@nestjs/swagger';
import type { ListedAccess } from '../access-list.js';
import { COUNTED_REFUSALS, remainingUses } from '../access-policy.js';

const EXAMPLE_HASH = '9f86d081884c7d659a2feaa0c55ad015';
const EXAMPLE_LINK = `https://drive.example.org/link/${EXAMPLE_HASH}`;
const COUNT = { type: 'integer' as const, minimum: 0 };

/** An access as its owner sees it. */
export class AccessDto {
  @ApiProperty({ type: 'integer', example: 7 })
  id: number;

  @ApiProperty({ type: 'integer', example: 42 })
  fileId: number;

  @ApiProperty({ type: String, example: 'For the printers' })
  name: string;

  @ApiProperty({ type: String, example: EXAMPLE_LINK })
  link: string;

  @ApiProperty({ type: String, example: EXAMPLE_HASH })
  hash: string;

  @ApiProperty({ type: [String], example: ['10.0.0.0/8'] })
  subnets: string[];

  @ApiProperty({ type: [String], example: ['192.0.2.7'] })
  ips: string[];

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2030-01-31T12:00:00.000Z' })
  expires: string | null;

  @ApiProperty({ type: Boolean, example: true })
  public: boolean;

  @ApiProperty({
    type: Boolean,
    example: false,
    description: 'Whether the link asks for a password, which nobody is told',
  })
  hasPassword: boolean;

  @ApiProperty({ type: Boolean, example: false })
  oneTimeUse: boolean;

  @ApiProperty({ type: Boolean, example: false, description: 'Whether a link that works once has been used' })
  used: boolean;

  @ApiProperty({ type: Boolean, example: true })
  enableTTL: boolean;

  @ApiProperty({ type: 'integer', nullable: true, example: 3 })
  ttl: number | null;

  @ApiProperty({ ...COUNT, example: 1, description: 'Downloads since the limits were last changed' })
  uses: number;

  @ApiProperty({ ...COUNT, nullable: true, example: 2, description: 'null where uses are not limited' })
  remainingUses: number | null;

  @ApiProperty({
    type: 'object',
    properties: Object.fromEntries(COUNTED_REFUSALS.map((by) => [by, COUNT])),
    additionalProperties: false,
    example: { expires: 2 },
    description:
      'How often the link was refused, by the rule that refused (or a wrong password); one that never did is left out',
  })
  refusals: Record<string, number>;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, example: '2026-11-24T09:30:00.000Z' })
  lastUsedAt: string | null;

  @ApiProperty({ type: String, format: 'date-time', example: '2026-11-24T09:30:00.000Z' })
  createdAt: string;

  /** @param publicUrl what links begin with */
  static of(access: Omit<Access, 'file'>, publicUrl: string): AccessDto {
    return {
      id: access.id,
      fileId: access.fileId,
      name: access.name,
      link: `${publicUrl}/link/${access.link}`,
      hash: access.link,
      subnets: access.subnets,
      ips: access.ips,
      expires: timeOf(access.expiresAt),
      public: access.public,
      hasPassword: access.passwordHash !== null,
      oneTimeUse: access.oneTimeUse,
      used: access.oneTimeUse && access.uses >= 1,
      enableTTL: access.enableTTL,
      ttl: access.ttl,
      uses: access.uses,
      remainingUses: remainingUses(access),
      refusals: access.refusals,
      lastUsedAt: timeOf(access.lastUsedAt),
      createdAt: new Date(access.createdAt).toISOString(),
    };
  }
}

export class AccessBody {
  @ApiProperty({ type: AccessDto })
  access: AccessDto;
}

export class AccessListBody {
  @ApiProperty({ type: [AccessDto] })
  accesses: AccessDto[];

  @ApiProperty({ type: String, nullable: true, description: 'Give it as cursor for the next page; null on the last' })
  nextCursor: string | null;
}

/** An access in a list of accesses to many files. */
export class NamedAccessDto extends AccessDto {
  @ApiProperty({ type: String, example: 'report.pdf' })
  fileName: string;

  @ApiProperty({ type: Boolean, example: true, description: 'Links to a private file do not work' })
  filePublic: boolean;

  /**
   * Not by `{ ...access, fileName }`: of a literal that is spread and added to, V8 gives each copy a hidden class of its own, of
   * which a page of fifty took longer to collect than all else in it (docs/PERFORMANCE.md).
   * @param publicUrl what links begin with
   */
  static ofListed(access: ListedAccess, publicUrl: string): NamedAccessDto {
    const { fileName, filePublic } = access;
    return Object.assign(AccessDto.of(access, publicUrl), { fileName, filePublic });
  }
}

export class NamedAccessListBody extends AccessListBody {
  @ApiProperty({ type: [NamedAccessDto] })
  declare accesses: NamedAccessDto[];
}

export class AccessMessageBody extends AccessBody {
  @ApiProperty({ type: String, example: 'Access updated successfully' })
  message: string;
}

export class AccessCreatedBody extends AccessBody {
  @ApiProperty({ type: String, example: 'Access created successfully' })
  message: string;

  @ApiProperty({ type: String, example: EXAMPLE_LINK })
  link: string;

  static of(access: AccessDto): AccessCreatedBody {
    return { message: 'Access created successfully', access, link: access.link };
  }
}

function timeOf(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
