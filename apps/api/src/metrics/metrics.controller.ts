import { Public } from '@app/accounts';
import { ApiErrors } from '@app/contract';
import type { Metrics } from '@app/telemetry';
import { Controller, Get, Header, Inject, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { MetricsGuard } from './metrics.guard.js';

/** Where the drive's `Metrics` are; nothing where `METRICS` is off. */
export const METRICS = Symbol('metrics');

@ApiTags('admin')
@ApiBearerAuth()
@Public()
@UseGuards(MetricsGuard)
@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly metrics: Metrics) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({
    summary: 'What the drive tells a Prometheus',
    description: 'Where METRICS is on: for admins, and for listed networks.',
  })
  @ApiOkResponse({ description: 'Prometheus text', content: { 'text/plain': { schema: { type: 'string' } } } })
  @ApiErrors('notAuthenticated', 'adminRequired', 'beyondScope', 'notFound')
  read(): Promise<string> {
    return this.metrics.text();
  }
}
