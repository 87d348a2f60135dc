import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { UnitOfWork, User } from '@app/database';
import { networkOf, OwnPoints, RateLimit, type RequestClient, Throttles } from '@app/http';
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
  /** Failures of a network so far; without an end. They order what waits in this process, and so are its own. */
  private readonly strikes: RateLimit;
  private readonly underWay = new Map<string, number>();
  /** When somebody, or a network, was pardoned. */
  private pardons: ReadonlyMap<string, number> = new Map();

  constructor(
    config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordHasher,
    private readonly units: UnitOfWork,
    throttles: Throttles,
  ) {
    const { points, windowMs } = config.loginLimit;
    this.failures = throttles.limit('log-in', config.loginLimit);
    this.networks = throttles.limit('log-in of a network', { points: NAMES * points, windowMs });
    this.strikes = new RateLimit(new OwnPoints({ points: Number.MAX_SAFE_INTEGER, windowMs }));
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
    const network = this.counted(networkOf(client.address));
    const user = await this.failures.unless(`${this.counted(name)} ${network}`, () =>
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

  /**
   * Forgets failures, by an admin's word.
   * @param pardons all that there are: of a user name, or a network as `networkOf` gives it, and when, which tells it from
   * an earlier one
   */
  pardon(pardons: ReadonlyMap<string, number>): void {
    this.pardons = pardons;
  }

  /** What somebody's failures are counted by, on all servers. A pardon begins a new count; the old one ends by itself. */
  private counted(subject: string): string {
    const at = this.pardons.get(subject);
    return at === undefined ? subject : `${subject}~${at}`;
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
    if (!user || !matches || user.disabled) return undefined;
    return this.passwords.isForeign(user.passwordHash) ? this.renew(user, password) : user;
  }

  /** The first log-in after an import: from now on its password is kept as all others are. */
  private async renew(user: User, password: string): Promise<User | undefined> {
    const passwordHash = await this.passwords.hash(password);
    const sql = 'UPDATE users SET passwordHash = ? WHERE id = ? AND passwordHash = ?';
    const changed = await this.units.run((unit) => unit.change(sql, [passwordHash, user.id, user.passwordHash]));
    if (changed === 1) return Object.assign(user, { passwordHash });
    // Somebody else was first: with this password, or with a change of it.
    const now = await this.dataSource.getRepository(User).findOneBy({ id: user.id });
    return now && (await this.passwords.verify(password, now.passwordHash)) ? now : undefined;
  }
}
