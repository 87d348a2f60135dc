import { ApiTokenScope, Roles } from '@app/accounts';
import { ApiErrors } from '@app/contract';
import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { OverviewDto } from './dto/overview.dto.js';
import { OverviewService } from './overview.service.js';

@ApiTags('admin')
@ApiBearerAuth()
@ApiErrors('notAuthenticated', 'adminRequired', 'internal', 'unavailable')
@Roles('admin')
@ApiTokenScope('admin')
@Controller('admin/overview')
export class OverviewController {
  constructor(private readonly overview: OverviewService) {}

  @Get()
  @ApiOperation({ summary: 'The drive at a glance (admins)' })
  @ApiOkResponse({ type: OverviewDto })
  get(): Promise<OverviewDto> {
    return this.overview.look();
  }
}
