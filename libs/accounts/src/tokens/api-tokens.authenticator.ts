import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { Activity } from '../auth/activity.js';
import type { Authenticator } from '../auth/authenticator.js';
import type { Principal } from '../auth/principal.js';
import type { Scope } from '../auth/scopes.js';
import { secretHash } from '../auth/secrets.js';
import { authenticatedUser, USER_COLUMNS, type UserRow } from '../auth/user-row.js';

/** What every API token begins with, so that people, and programs that look for leaked secrets, know one. */
export const TOKEN_PREFIX = 'ddt_';

const BEARER = new RegExp(`^Bearer +${TOKEN_PREFIX}`, 'i');
const LIVING_TOKEN = `
  SELECT ${USER_COLUMNS}, t.id AS tokenId, t.scopes, t.lastUsedAt
  FROM apiTokens t JOIN users u ON u.id = t.userId
  WHERE t.secretHash = ? AND (t.expiresAt IS NULL OR t.expiresAt > ?) AND u.disabled = 0`;

interface LivingToken extends UserRow {
  readonly tokenId: number;
  readonly scopes: string;
  readonly lastUsedAt: number | null;
}

/** Turns an API token into the user whose it is, and what it may do. One look-up a request, by the token's hash. */
@Injectable()
export class ApiTokensAuthenticator implements Authenticator {
  constructor(
    private readonly dataSource: DataSource,
    private readonly activity: Activity,
  ) {}

  reads({ headers: { authorization } }: FastifyRequest): boolean {
    return authorization !== undefined && BEARER.test(authorization);
  }

  async principalOf({ headers: { authorization } }: FastifyRequest): Promise<Principal | undefined> {
    const token = authorization!.slice(authorization!.lastIndexOf(' ') + 1);
    const [row] = await this.dataSource.query<LivingToken[]>(LIVING_TOKEN, [secretHash(token), Date.now()]);
    if (!row) return undefined;
    const id = `token ${row.tokenId}`;
    if (this.activity.isDue(id, row.lastUsedAt)) this.noteUse(id, row.tokenId);
    const scopes = row.scopes.split(' ') as Scope[];
    return { user: authenticatedUser(row), via: 'token', sessionId: undefined, scopes };
  }

  private noteUse(id: string, tokenId: number): void {
    this.activity.note(id, (unit) =>
      unit.change('UPDATE apiTokens SET lastUsedAt = ? WHERE id = ?', [Date.now(), tokenId]),
    );
  }
}
