import { Public } from '@app/accounts';
import { VERSION } from '@app/config';
import { ApiErrors } from '@app/contract';
import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { HealthService, type Readiness } from './health.service.js';

@ApiTags('health')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get()
  @ApiOperation({ summary: 'Whether the process lives, and which version it is' })
  @ApiOkResponse({ example: { status: 'ok', version: VERSION } })
  alive(): { status: 'ok'; version: string } {
    return { status: 'ok', version: VERSION };
  }

  @Get('ready')
  @ApiOperation({ summary: 'Whether database and storage can be written, and how many removals fail' })
  @ApiOkResponse({ example: { status: 'ok', removalsFailing: 0 } })
  @ApiErrors('stopping', ['unavailable', { details: { database: 'ok', storage: 'failing' } }])
  ready(): Promise<Readiness> {
    return this.health.ready();
  }
}
