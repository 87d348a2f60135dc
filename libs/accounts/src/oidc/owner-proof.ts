import { ContractError } from '@app/contract';
import { User } from '@app/database';
import type { RequestClient } from '@app/http';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SessionPrincipal } from '../auth/principal.js';
import { CredentialsService } from '../credentials.service.js';

/** Milliseconds for which a log-in anew at the identity provider stands for the password. */
const PROVED_FOR_MS = 5 * 60_000;

/** Asks for the password before what cannot be taken back; who has none must have logged in anew at the provider. */
@Injectable()
export class OwnerProof {
  constructor(
    private readonly dataSource: DataSource,
    private readonly credentials: CredentialsService,
  ) {}

  /** @throws ContractError logInAgain, or as CredentialsService.check does */
  async require({ user, sessionId }: SessionPrincipal, password: string, client: RequestClient): Promise<User> {
    const owner = await this.dataSource.manager.findOneBy(User, { id: user.id });
    if (!owner || owner.passwordHash !== '') return this.credentials.check(user.username, password, client);
    const proved = await this.dataSource.query<unknown[]>('SELECT id FROM sessions WHERE id = ? AND provedAt > ?', [
      sessionId,
      Date.now() - PROVED_FOR_MS,
    ]);
    if (proved.length === 0) throw new ContractError('logInAgain');
    return owner;
  }
}
