import type { RequestWithPrincipal } from '@app/accounts';
import type { AppConfig } from '@app/config';
import { AUDITED, AuditLog, keptAddress, recordOf } from '@app/telemetry';
import type { FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { requestContext } from '../logging.js';

/** Events of the log that somebody would ask about later are written down with who did it, by what and from where. */
export class AuditTrail {
  private readonly log: AuditLog | undefined;

  /** @param logger is told when events could not be written down */
  constructor(
    private readonly config: AppConfig,
    logger: Logger,
  ) {
    const onLost = (error: Error) => logger.warn({ event: 'audit-not-written', error: error.message });
    const { audit, dataDir, auditKeepMs: keepMs } = config;
    this.log = audit === 'on' ? new AuditLog({ dataDir, keepMs, onLost }) : undefined;
  }

  /**
   * @param fields of a line of the log
   * @returns what the line says of the address: as much as is kept, also where the line itself says more
   */
  note(fields: object): { address?: string | undefined } {
    const { event, ...others } = fields as Record<string, unknown>;
    if (typeof event !== 'string' || !AUDITED.has(event)) return {};
    const { requestId, request } = requestContext.getStore() ?? {};
    const address = this.addressOf(others.address, request);
    if (this.log) {
      const { principal } = (request ?? {}) as RequestWithPrincipal;
      this.log.note(recordOf(event, others, { by: principal?.user.id, via: principal?.via, address, requestId }));
    }
    return { address };
  }

  close(): void {
    this.log?.close();
  }

  private addressOf(said: unknown, request: FastifyRequest | undefined): string | undefined {
    const whole = typeof said === 'string' ? said : request?.ip;
    return whole === undefined ? undefined : keptAddress(whole, this.config.auditAddress);
  }
}
