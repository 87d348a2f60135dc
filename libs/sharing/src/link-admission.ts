import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import type { Access } from '@app/database';
import { networkOf, type RateLimit, Throttles } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { judge, REFUSALS, type Rule } from './access-policy.js';
import { tokenOf } from './link-token.js';
import { findLinked } from './link-rows.js';
import { LinkTally } from './link-tally.js';
import { TicketsService } from './tickets.service.js';

/** Rules that a ticket has satisfied once and for all. */
const OF_USES: readonly Rule[] = ['oneTimeUse', 'ttl'];

/** Finds what is behind a link, and lets in whom its rules admit. Takes no use. */
@Injectable()
export class LinkAdmission {
  private readonly logger = new Logger(LinkAdmission.name);
  private readonly guesses: RateLimit;

  constructor(
    config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly tickets: TicketsService,
    private readonly tally: LinkTally,
    throttles: Throttles,
  ) {
    this.guesses = throttles.limit('unknown link', config.linkLimit);
  }

  /**
   * The access of a link that admits this address at this moment.
   * @throws ContractError linkNotFound; tooManyRequests after so many unknown links from this network; the reason, where
   * the link is refused
   */
  async admit(hash: string, address: string): Promise<Access> {
    const access = await this.find(hash);
    if (!access) throw await this.unknown(address);
    return this.judged(access, address, []);
  }

  /**
   * The access of a link, for the holder of a ticket: every rule is asked again, apart from uses.
   * @throws ContractError as `admit`; what is no good ticket is no link
   */
  async admitTicket(hash: string, ticket: unknown, address: string): Promise<Access> {
    const access = await this.find(hash);
    if (!access || !(await this.tickets.isGood(access, ticket))) throw await this.unknown(address);
    return this.judged(access, address, OF_USES);
  }

  /** None for what is malformed or unknown, and where the file is deleted or its owner disabled: nobody can tell which. */
  private async find(hash: string): Promise<Access | undefined> {
    const token = tokenOf(hash);
    return token === undefined ? undefined : findLinked(this.dataSource, token);
  }

  private judged(access: Access, address: string, apartFrom: readonly Rule[]): Access {
    const { checks } = judge(access, access.file, address, Date.now());
    const refusedBy = checks.find(({ rule, passed }) => !passed && !apartFrom.includes(rule))?.rule;
    if (refusedBy) throw this.refuse(access, refusedBy);
    return access;
  }

  private refuse({ id, fileId }: Access, reason: Rule): ContractError {
    this.tally.noteRefusal(id, reason);
    this.logger.warn({ event: 'link-refused', accessId: id, fileId, reason });
    return new ContractError(REFUSALS[reason]);
  }

  /** Known links are not throttled with the unknown ones (docs/decisions/0020-links.md). */
  private async unknown(address: string): Promise<ContractError> {
    await this.guesses.take(networkOf(address));
    this.logger.warn({ event: 'link-unknown', address });
    return new ContractError('linkNotFound');
  }
}
