import { ContractError } from '@app/contract';
import type { User } from '@app/database';
import { Injectable } from '@nestjs/common';
import { AccountNotRemovedError, AccountRemoval } from '../accounts/account-removal.js';

/** The removal of an account for who asks over the wire. */
@Injectable()
export class ServedRemoval {
  constructor(private readonly removal: AccountRemoval) {}

  /**
   * @param passwordHash as AccountRemoval.remove has it
   * @throws ContractError lastAdmin, invalidCredentials
   * @throws ContractError bytesNotDeleted when something stands in the way: the account is gone, and the rest follows
   */
  async remove(user: User, passwordHash?: string): Promise<void> {
    try {
      await this.removal.remove(user, undefined, passwordHash);
    } catch (error) {
      throw error instanceof AccountNotRemovedError ? new ContractError('bytesNotDeleted', { cause: error }) : error;
    }
  }
}
