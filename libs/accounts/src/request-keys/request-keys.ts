import { createHmac, type KeyObject } from 'node:crypto';
import { ContractError } from '@app/contract';
import { type RequestKey, UnitOfWork } from '@app/database';
import { OTHER_BODY } from '@app/http';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { SIGNING_KEY } from '../auth/signing-key.js';
import { AnsweredBefore, expiredAt, HeldKey } from './held-key.js';
import { KeysUnderWay } from './keys-under-way.js';

/** Milliseconds for which a request waits for another one with the same key. */
const PATIENCE_MS = 30_000;
/** Keys of a user at most; the oldest go first. */
const MOST = 10_000;
/** After so many keys it is looked for old ones. */
const PRUNE_EVERY = 100;

const FIND = 'SELECT fingerprint, answer FROM requestKeys WHERE ownerId = ? AND requestKey = ? AND createdAt >= ?';

/** Makes the answer of a request again from what was kept of it. */
export interface Replay {
  /** @throws ContractError where what the request has made is gone meanwhile */
  replay(kept: never, user: AuthenticatedUser): Promise<object>;
}

/** Knows requests again by their Idempotency-Key, so that one that is sent twice is carried out once. */
@Injectable()
export class RequestKeys {
  private readonly logger = new Logger(RequestKeys.name);
  private readonly underWay = new KeysUnderWay(PATIENCE_MS);
  private recorded = 0;

  constructor(
    @Inject(SIGNING_KEY) private readonly secret: KeyObject,
    private readonly dataSource: DataSource,
    private readonly units: UnitOfWork,
  ) {}

  /**
   * Takes the key of a request, after whoever has it.
   * @param replay none: what was kept is the answer itself
   * @throws AnsweredBefore when the request was carried out
   * @throws ContractError idempotencyKeyReused, idempotencyKeyUnderWay; what the replay throws
   */
  async enter(key: string, request: FastifyRequest, user: AuthenticatedUser, replay?: Replay): Promise<HeldKey> {
    const ownerId = user.id;
    const fingerprint = this.fingerprintOf(request);
    const giveUp = await this.underWay.enter(`${ownerId} ${key}`, fingerprint);
    const findAnswer = () => this.find(user, key, fingerprint, replay);
    try {
      // Only now that nobody else has it: what he has written is seen.
      const answered = await findAnswer();
      if (answered) throw answered;
    } catch (error) {
      giveUp();
      throw error;
    }
    return new HeldKey({ ownerId, key, fingerprint, findAnswer, giveUp, onRecorded: () => this.count(ownerId) });
  }

  private async find(
    user: AuthenticatedUser,
    key: string,
    fingerprint: string,
    replay: Replay | undefined,
  ): Promise<AnsweredBefore | undefined> {
    const [row] = await this.dataSource.query<Pick<RequestKey, 'fingerprint' | 'answer'>[]>(FIND, [
      ...[user.id, key],
      expiredAt(Date.now()),
    ]);
    if (!row) return undefined;
    if (row.fingerprint !== fingerprint) throw new ContractError('idempotencyKeyReused');
    const kept = JSON.parse(row.answer) as never;
    return new AnsweredBefore(replay ? await replay.replay(kept, user) : kept);
  }

  /**
   * What the request asks for, so that a key that is used for another one is found out. An HMAC, because a body may hold a
   * password, which somebody with a copy of the database could otherwise try out. Of an upload, which is not read yet, it
   * is the length.
   */
  private fingerprintOf({ method, url, headers, body }: FastifyRequest): string {
    const what = body === undefined || body === OTHER_BODY ? headers['content-length'] : body;
    const asked = [method, url, headers['if-match'] ?? null, what ?? null];
    return createHmac('sha256', this.secret)
      .update(`idempotency ${JSON.stringify(asked)}`)
      .digest('hex');
  }

  private count(ownerId: number): void {
    if (this.recorded++ % PRUNE_EVERY !== 0) return;
    this.prune(ownerId).catch((error: unknown) => {
      this.logger.warn({ event: 'request-keys-not-pruned', error: String(error) });
    });
  }

  private async prune(ownerId: number): Promise<void> {
    const now = Date.now();
    const [last] = await this.dataSource.query<{ createdAt: number }[]>(
      'SELECT createdAt FROM requestKeys WHERE ownerId = ? ORDER BY createdAt DESC LIMIT 1 OFFSET ?',
      [ownerId, MOST],
    );
    await this.units.run(async (unit) => {
      await unit.change('DELETE FROM requestKeys WHERE createdAt < ?', [expiredAt(now)]);
      if (last)
        await unit.change('DELETE FROM requestKeys WHERE ownerId = ? AND createdAt <= ?', [ownerId, last.createdAt]);
    });
  }
}
