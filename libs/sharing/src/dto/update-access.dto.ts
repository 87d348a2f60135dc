import { IntersectionType, PartialType, PickType } from '@nestjs/swagger';
import { AccessDto } from './access.dto.js';
import { AccessSettingsDto } from './access-settings.dto.js';

/** What only the drive sets. */
const READ_ONLY: Record<Exclude<keyof AccessDto, keyof AccessSettingsDto>, true> = {
  id: true,
  fileId: true,
  link: true,
  hash: true,
  hasPassword: true,
  used: true,
  uses: true,
  remainingUses: true,
  refusals: true,
  lastUsedAt: true,
  createdAt: true,
};
const FIELDS = Object.keys(READ_ONLY) as (keyof typeof READ_ONLY)[];

/**
 * A change of an access. A field that is left out keeps its value; an owner may send back all that he got, of which
 * nothing that only the drive sets is looked at.
 */
export class UpdateAccessDto extends IntersectionType(AccessSettingsDto, PartialType(PickType(AccessDto, FIELDS))) {}
