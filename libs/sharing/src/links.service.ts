import { ContractError } from '@app/contract';
import { type Access, UnitOfWork } from '@app/database';
import { ContentService, hasFirstByte, type OpenContent, requireMatch, select, type WantedContent } from '@app/files';
import type { PreparedAnswer } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { isCounted } from './access-policy.js';
import { LinkAdmission } from './link-admission.js';
import { LinkPasswords } from './link-passwords.js';
import { LinkTally } from './link-tally.js';
import { takeUse } from './link-uses.js';
import { type NewTicket, TicketsService } from './tickets.service.js';
import type { Visitor } from './visitor.decorator.js';

/** How often a request looks again when its access is changed under it. */
const ATTEMPTS = 10;
/** A program that asks for the whole file first even where it has a part of it, and goes on with ranges. */
const ARIA2 = /^aria2\//;

/** What a stranger with a link gets. The token itself is never logged: whoever reads it has the file. */
@Injectable()
export class LinksService {
  private readonly logger = new Logger(LinksService.name);

  constructor(
    private readonly units: UnitOfWork,
    private readonly content: ContentService,
    private readonly admission: LinkAdmission,
    private readonly passwords: LinkPasswords,
    private readonly tickets: TicketsService,
    private readonly tally: LinkTally,
  ) {}

  /**
   * What a page may show of a link: its access, with its file. Takes no use.
   * @throws ContractError as `answer`; linkPasswordNeeded wherever there is a password: the page tells nothing before
   */
  async look(hash: string, { address }: Visitor): Promise<Access> {
    const access = await this.admission.admit(hash, address);
    if (access.passwordHash !== null) throw new ContractError('linkPasswordNeeded');
    return access;
  }

  /**
   * The answer to a request for a link: the bytes of its file.
   *
   * The bytes are open before a use is taken, so that a failing disk costs none; and they are answered with only after the use
   * is taken, so that no two requests share one.
   * @throws ContractError linkNotFound; tooManyRequests after so many unknown links or wrong passwords from this network;
   * the reason, where the link is refused; preconditionFailed, linkWholeOnly, rangeNotSatisfiable
   */
  async answer(hash: string, visitor: Visitor, wanted: WantedContent): Promise<PreparedAnswer> {
    return this.untilSettled(hash, visitor, async (access) => {
      requireMatch(access.file, wanted.ifMatch);
      if (!isCounted(access)) return this.answerFreely(access, wanted);
      refuseParts(access, wanted);
      if (ARIA2.test(visitor.userAgent) && !wanted.headOnly) return this.sendOn(access, visitor);
      return this.answerOnce(access, wanted);
    });
  }

  /**
   * Takes a use, and gives a ticket with which its bytes are to be had for a day.
   * @param typed the password, where it was not given in the header
   * @throws ContractError as `answer`
   */
  async use(hash: string, visitor: Visitor, typed: string | undefined): Promise<NewTicket> {
    const knows = { ...visitor, password: visitor.password ?? typed };
    return this.untilSettled(hash, knows, (access) => this.take(access, visitor));
  }

  /**
   * The bytes for the holder of a ticket, in whatever parts and as often as he likes. No further use is taken.
   * @throws ContractError as `answer`; what is no good ticket is no link
   */
  async answerTicket(hash: string, ticket: unknown, visitor: Visitor, wanted: WantedContent): Promise<PreparedAnswer> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const access = await this.admission.admitTicket(hash, ticket, visitor.address);
      const content = await this.open(access);
      if (content) return this.content.prepareOpen(content, wanted);
    }
    throw new ContractError('unavailable', { retryAfter: 1 });
  }

  /** Looks at the link anew, and does the work again, while the access changes under it: when the work gives nothing. */
  private async untilSettled<Result>(
    hash: string,
    { address, password }: Visitor,
    work: (access: Access) => Promise<Result | undefined>,
  ): Promise<Result> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const access = await this.admission.admit(hash, address);
      await this.passwords.check(access, password, address);
      const result = await work(access);
      if (result !== undefined) return result;
    }
    throw new ContractError('unavailable', { retryAfter: 1 });
  }

  private async answerFreely(access: Access, wanted: WantedContent): Promise<PreparedAnswer | undefined> {
    const content = await this.open(access);
    if (!content) return undefined;
    const answer = await this.content.prepareOpen(content, wanted);
    if (!wanted.headOnly && hasFirstByte(answer)) {
      this.tally.noteUse(access.id);
      this.logUse(access);
    }
    return answer;
  }

  private async answerOnce(access: Access, wanted: WantedContent): Promise<PreparedAnswer | undefined> {
    const content = await this.open(access);
    if (!content) return undefined;
    if (!wanted.headOnly) {
      let taken = false;
      try {
        taken = await this.units.run((unit) => takeUse(unit, access));
      } finally {
        if (!taken) await content.reader.close();
      }
      if (!taken) return undefined;
      this.logUse(access);
    }
    return this.content.prepareWhole(content, wanted);
  }

  /** That program follows this to where it may have its ranges (docs/COMPATIBILITY.md). */
  private async sendOn(access: Access, visitor: Visitor): Promise<PreparedAnswer | undefined> {
    const ticket = await this.take(access, visitor);
    const location = `${access.link}/content?ticket=${ticket?.secret}`;
    return ticket && { status: 302, headers: { location, 'content-length': 0 } };
  }

  private async take(access: Access, { address }: Visitor): Promise<NewTicket | undefined> {
    const content = await this.open(access);
    await content?.reader.close();
    return content && this.tickets.take(access, address);
  }

  /** None when the file has been deleted meanwhile. */
  private async open({ file }: Access): Promise<OpenContent | undefined> {
    try {
      return await this.content.open(file);
    } catch (error) {
      if (error instanceof ContractError && error.errorName === 'fileNotFound') return undefined;
      throw error;
    }
  }

  private logUse({ id, fileId }: Access): void {
    this.logger.log({ event: 'link-used', accessId: id, fileId });
  }
}

/**
 * Refuses what asks for a later part of a file whose uses are counted: its bytes would cost a use for a torso. By 403,
 * since programs take 416 for "you have all of it" (docs/COMPATIBILITY.md).
 */
function refuseParts({ file }: Access, { range, ifRange }: WantedContent): void {
  const selection = select({ range, ifRange }, `"${file.sha256}"`, file.size);
  if (typeof selection === 'object' && selection.start > 0) throw new ContractError('linkWholeOnly');
}
