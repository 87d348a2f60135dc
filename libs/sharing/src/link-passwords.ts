import { PasswordHasher } from '@app/accounts';
import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import type { Access } from '@app/database';
import { networkOf, type RateLimit, Throttles } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { LinkTally } from './link-tally.js';

/** Asks for the passwords of links. Guessing one is throttled as log-in is, for each link by itself. */
@Injectable()
export class LinkPasswords {
  private readonly logger = new Logger(LinkPasswords.name);
  private readonly tries: RateLimit;

  constructor(
    config: AppConfig,
    private readonly hasher: PasswordHasher,
    private readonly tally: LinkTally,
    throttles: Throttles,
  ) {
    this.tries = throttles.limit('link password', config.loginLimit);
  }

  /**
   * Lets through whoever knows the password, and everybody where there is none.
   * @param given as the visitor typed it; none: he was not asked yet
   * @throws ContractError linkPasswordNeeded; linkPasswordWrong; tooManyRequests after so many wrong ones from this network
   */
  async check({ id, fileId, passwordHash }: Access, given: string | undefined, address: string): Promise<void> {
    if (passwordHash === null) return;
    if (given === undefined || given === '') throw new ContractError('linkPasswordNeeded');
    const key = `${id} ${networkOf(address)}`;
    await this.tries.take(key);
    const right = await this.hasher.verify(given, passwordHash).catch(async (error: unknown) => {
      await this.tries.giveBack(key);
      throw error;
    });
    if (right) return this.tries.giveBack(key);
    this.tally.noteRefusal(id, 'password');
    this.logger.warn({ event: 'link-refused', accessId: id, fileId, reason: 'password' });
    throw new ContractError('linkPasswordWrong');
  }
}
