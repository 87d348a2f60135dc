import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { User } from '@app/database';
import { networkOf, RateLimit, type RequestClient } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PasswordHasher } from './passwords/password-hasher.js';
import { foldUsername, isUsername } from './username.js';

/** Wrong log-ins of a network, for any names, to those for one name. */
const NAMES = 10;
/** Wrong log-ins after which a network's further ones come last. */
const PARDONED = 3;
/** Log-ins of one network under way at once; more come last, since a storm's first guesses are on their way before any of them is known to be wrong. */
const AT_ONCE = 16;

/** Checks who somebody says he is, and how often he may try. */
@Injectable()
export class CredentialsService {
  private readonly logger = new Logger(CredentialsService.name);
  private readonly failures: RateLimit;
  /** Of a whole network: else each of a thousand names could be guessed at. */
  private readonly networks: RateLimit;
  /** Failures of a network so far; without an end. */
  private readonly strikes: RateLimit;
  private readonly underWay = new Map<string, number>();

  constructor(
    config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordHasher,
  ) {
    this.failures = new RateLimit(config.loginLimit);
    this.networks = new RateLimit({ ...config.loginLimit, points: NAMES * config.loginLimit.points });
    this.strikes = new RateLimit({ ...config.loginLimit, points: Number.MAX_SAFE_INTEGER });
  }

  /**
   * Gives the user whose name and password these are. A user that does not exist or is disabled costs the same time and
   * answers the same as a wrong password.
   *
   * What it read may have changed by the time the caller writes: the caller's transaction must look again whether the
   * hash is still this one.
   * @throws ContractError `invalidCredentials`
   * @throws ContractError `tooManyRequests` after so many failures for this name from this network, or ten times as many
   * for any names
   * @throws ContractError `unavailable` when too many passwords wait to be checked
   */
  async check(username: string, password: string, client: RequestClient): Promise<User> {
    // Names that nobody can have count as one, or the memory for the counts would be the attacker's to fill.
    const name = isUsername(username) ? foldUsername(username) : '';
    const network = networkOf(client.address);
    const user = await this.failures.unless(`${name} ${network}`, () =>
      this.networks.unless(network, () =>
        this.amongOthers(network, async (others) =>
          this.verify(name, password, others >= AT_ONCE || (await this.strikes.taken(network)) > PARDONED),
        ),
      ),
    );
    if (user) return user;
    await this.strikes.take(network);
    this.logger.warn({ event: 'login-failed', username: name, address: client.address });
    throw new ContractError('invalidCredentials');
  }

  /** Does `work`, which is told how many of `network` are at it already. */
  private async amongOthers<Result>(network: string, work: (others: number) => Promise<Result>): Promise<Result> {
    const others = this.underWay.get(network) ?? 0;
    this.underWay.set(network, others + 1);
    try {
      return await work(others);
    } finally {
      const left = this.underWay.get(network)! - 1;
      if (left > 0) this.underWay.set(network, left);
      else this.underWay.delete(network);
    }
  }

  private async verify(username: string, password: string, suspect: boolean): Promise<User | undefined> {
    const user = await this.dataSource.getRepository(User).findOneBy({ username });
    const matches = await this.passwords.verify(password, user?.passwordHash, suspect);
    return user && matches && !user.disabled ? user : undefined;
  }
}
