import { ContractError } from '@app/contract';
import { ApiToken, type Unit, UnitOfWork } from '@app/database';
import { parseTime } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { newSecret, secretHash } from '../auth/secrets.js';
import { TOKEN_PREFIX } from './api-tokens.authenticator.js';
import type { CreateApiTokenDto } from './dto/api-token.dto.js';

/** That a user may have at once. */
const MAX_TOKENS = 50;

/** A token that has just been made: the one moment at which it is known. */
export interface CreatedToken {
  readonly apiToken: ApiToken;
  readonly token: string;
}

/** Makes, lists and revokes API tokens. */
@Injectable()
export class ApiTokensService {
  private readonly logger = new Logger(ApiTokensService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  /**
   * @throws ContractError adminRequired for the scope `admin` of somebody else
   * @throws ContractError tokenLimitExceeded
   */
  async create(user: AuthenticatedUser, { name, scopes, expiresAt }: CreateApiTokenDto): Promise<CreatedToken> {
    if (scopes.includes('admin') && user.role !== 'admin') throw new ContractError('adminRequired');
    const token = TOKEN_PREFIX + newSecret();
    const row: Omit<ApiToken, 'id' | 'user'> = {
      userId: user.id,
      name,
      secretHash: secretHash(token),
      scopes: scopes.join(' '),
      createdAt: Date.now(),
      expiresAt: expiresAt ? (parseTime(expiresAt) ?? null) : null,
      lastUsedAt: null,
    };
    const id = await this.units.run(async (unit) => {
      await makeRoom(unit, user.id);
      const { identifiers } = await unit.manager.insert(ApiToken, { ...row });
      return identifiers[0]!.id as number;
    });
    this.logger.log({ event: 'token-created', userId: user.id, tokenId: id, scopes: row.scopes });
    return { apiToken: { ...row, id } as ApiToken, token };
  }

  /** A user's tokens, the newest first; also those that have expired, so that he sees why a program stands still. */
  list(userId: number): Promise<ApiToken[]> {
    return this.dataSource.manager.find(ApiToken, { where: { userId }, order: { id: 'DESC' } });
  }

  /** @throws ContractError tokenNotFound, also for another user's token */
  async revoke(userId: number, id: number): Promise<void> {
    const removed = await this.units.run((unit) =>
      unit.change('DELETE FROM apiTokens WHERE id = ? AND userId = ?', [id, userId]),
    );
    if (removed !== 1) throw new ContractError('tokenNotFound');
    this.logger.log({ event: 'token-revoked', userId, tokenId: id });
  }
}

/** Expired ones make way before anybody is refused. The lock lets nobody count beside. */
async function makeRoom(unit: Unit, userId: number): Promise<void> {
  await unit.lock('users', userId);
  const count = async () => {
    const [row] = await unit.rows<{ count: number }>('SELECT COUNT(*) AS count FROM apiTokens WHERE userId = ?', [
      userId,
    ]);
    return row!.count;
  };
  if ((await count()) < MAX_TOKENS) return;
  await unit.change('DELETE FROM apiTokens WHERE userId = ? AND expiresAt <= ?', [userId, Date.now()]);
  if ((await count()) >= MAX_TOKENS) throw new ContractError('tokenLimitExceeded');
}
