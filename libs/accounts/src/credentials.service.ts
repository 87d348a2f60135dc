import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { User } from '@app/database';
import { networkOf, RateLimit, type RequestClient } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PasswordHasher } from './passwords/password-hasher.js';
import { foldUsername, isUsername } from './username.js';

/** Checks who somebody says he is, and how often he may try. */
@Injectable()
export class CredentialsService {
  private readonly logger = new Logger(CredentialsService.name);
  private readonly failures: RateLimit;

  constructor(
    config: AppConfig,
    private readonly dataSource: DataSource,
    private readonly passwords: PasswordHasher,
  ) {
    this.failures = new RateLimit(config.loginLimit);
  }

  /**
   * Gives the user whose name and password these are. A user that does not exist or is disabled costs the same time and
   * answers the same as a wrong password.
   *
   * What it read may have changed by the time the caller writes: the caller's transaction must look again whether the
   * hash is still this one.
   * @throws ContractError `invalidCredentials`
   * @throws ContractError `tooManyRequests` after so many failures for this name from this network
   * @throws ContractError `unavailable` when too many passwords wait to be checked
   */
  async check(username: string, password: string, client: RequestClient): Promise<User> {
    // Names that nobody can have count as one, or the memory for the counts would be the attacker's to fill.
    const name = isUsername(username) ? foldUsername(username) : '';
    const key = `${name} ${networkOf(client.address)}`;
    // Before the hash is computed: guesses sent side by side must not outrun the count.
    await this.failures.take(key);
    const user = await this.verify(name, password).catch(async (error: unknown) => {
      await this.failures.giveBack(key);
      throw error;
    });
    if (!user) {
      this.logger.warn({ event: 'login-failed', username: name, address: client.address });
      throw new ContractError('invalidCredentials');
    }
    await this.failures.giveBack(key);
    return user;
  }

  private async verify(username: string, password: string): Promise<User | undefined> {
    const user = await this.dataSource.getRepository(User).findOneBy({ username });
    const matches = await this.passwords.verify(password, user?.passwordHash);
    return user && matches && !user.disabled ? user : undefined;
  }
}
