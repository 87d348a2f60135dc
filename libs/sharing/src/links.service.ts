import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { type Access, UnitOfWork } from '@app/database';
import { ContentService, type OpenContent, type WantedContent } from '@app/files';
import { networkOf, type PreparedAnswer, RateLimit } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isCounted, judge, REFUSALS, type Rule } from './access-policy.js';
import { findLinked } from './link-rows.js';
import { LinkTally } from './link-tally.js';

const LINK = /^[0-9a-f]{32}$/;
/** How often a request looks again when its access is changed under it. */
const ATTEMPTS = 10;

/**
 * Takes one use, if there is one at this very moment: everything that was judged is looked at again in the statement, or
 * compared with what was judged. Of any number at once just as many succeed as there are uses left.
 */
const TAKE_USE = `
  UPDATE accesses SET uses = uses + 1, lastUsedAt = ?
  WHERE id = ? AND public = 1 AND (expiresAt IS NULL OR expiresAt > ?)
    AND (oneTimeUse = 0 OR uses < 1) AND (enableTTL = 0 OR uses < ttl) AND subnets = ? AND ips = ?
    AND EXISTS (
      SELECT 1 FROM files JOIN users ON users.id = files.ownerId
      WHERE files.id = accesses.fileId AND files.state = 'live' AND files.public = 1 AND users.disabled = 0
    )`;

/** What a stranger with a link gets. The token itself is never logged: whoever reads it has the file. */
@Injectable()
export class LinksService {
  private readonly logger = new Logger(LinksService.name);
  private readonly guesses: RateLimit;

  constructor(
    config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
    private readonly content: ContentService,
    private readonly tally: LinkTally,
  ) {
    this.guesses = new RateLimit(config.linkLimit);
  }

  /**
   * The answer to a request for a link: the bytes of its file.
   *
   * The bytes are open before a use is taken, so that a failing disk costs none; and they are answered with only after the use
   * is taken, so that no two requests share one.
   * @throws ContractError linkNotFound; tooManyRequests after so many unknown links from this network; the reason, where
   * the link is refused
   */
  async answer(hash: string, address: string, wanted: WantedContent): Promise<PreparedAnswer> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const access = await this.find(hash);
      if (!access) throw await this.unknown(address);
      const { refusedBy } = judge(access, access.file, address, Date.now());
      if (refusedBy) throw this.refuse(access, refusedBy);
      const content = await this.open(access);
      const answer = content && (await this.prepare(access, content, wanted));
      if (answer) return answer;
    }
    throw new ContractError('unavailable', { retryAfter: 1 });
  }

  /** None for what is malformed or unknown, and where the file is deleted or its owner disabled: nobody can tell which. */
  private async find(hash: string): Promise<Access | undefined> {
    return LINK.test(hash) ? findLinked(this.dataSource, hash) : undefined;
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

  /** @returns none when the access has changed since it was judged */
  private async prepare(
    access: Access,
    content: OpenContent,
    wanted: WantedContent,
  ): Promise<PreparedAnswer | undefined> {
    if (!isCounted(access)) {
      const answer = await this.content.prepareOpen(content, wanted);
      if (!wanted.headOnly && answer.status !== 304) this.used(access);
      return answer;
    }
    if (!wanted.headOnly && !(await this.takeUse(access, content))) return undefined;
    return this.content.prepareWhole(content, wanted);
  }

  private async takeUse(access: Access, { reader }: OpenContent): Promise<boolean> {
    let taken = 0;
    try {
      const { id, subnets, ips } = access;
      const now = Date.now();
      const judged = [JSON.stringify(subnets), JSON.stringify(ips)];
      taken = await this.units.run((unit) => unit.change(TAKE_USE, [now, id, now, ...judged]));
    } finally {
      if (taken !== 1) await reader.close();
    }
    if (taken === 1) this.logger.log({ event: 'link-used', accessId: access.id, fileId: access.fileId });
    return taken === 1;
  }

  private used({ id, fileId }: Access): void {
    this.tally.noteUse(id);
    this.logger.log({ event: 'link-used', accessId: id, fileId });
  }

  private refuse({ id, fileId }: Access, reason: Rule): ContractError {
    this.tally.noteRefusal(id, reason);
    this.logger.warn({ event: 'link-refused', accessId: id, fileId, reason });
    return new ContractError(REFUSALS[reason]);
  }

  /** Known links are not throttled with the unknown ones (docs/decisions/0020-links.md). */
  private async unknown(address: string): Promise<ContractError> {
    await this.guesses.take(networkOf(address));
    return new ContractError('linkNotFound');
  }
}
