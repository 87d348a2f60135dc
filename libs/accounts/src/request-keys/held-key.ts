import type { Committed, Unit, UnitOfWork, Work } from '@app/database';

/** The request was carried out before, by a request with the same Idempotency-Key: this is its answer. */
export class AnsweredBefore extends Error {
  override readonly name = 'AnsweredBefore';

  constructor(readonly body: object) {
    super('The request was carried out before');
  }
}

interface KeyOwner {
  readonly ownerId: number;
  /** As the client has chosen it. */
  readonly key: string;
  readonly fingerprint: string;
  /** What the request was answered with, where somebody else has carried it out meanwhile. */
  readonly findAnswer: () => Promise<AnsweredBefore | undefined>;
  readonly onRecorded: () => void;
  readonly giveUp: () => void;
}

/** The Idempotency-Key of the request under way: nobody else on this server carries it out meanwhile. */
export class HeldKey {
  constructor(private readonly of: KeyOwner) {}

  /**
   * Runs a unit of work, and writes the key with it: both are there or neither.
   * @param key none: the request has none, and this is `units.run`
   * @param answerOf what the answer is to be made from again; without names, links and secrets
   */
  static async run<Result>(
    key: HeldKey | undefined,
    units: Pick<UnitOfWork, 'run'>,
    work: Work<Result>,
    answerOf: (result: Result) => object,
    committed?: Committed<Result>,
  ): Promise<Result> {
    if (!key) return units.run(work, committed);
    try {
      const result = await units.run(async (unit) => {
        const done = await work(unit);
        await key.record(unit, answerOf(done));
        return done;
      }, committed);
      key.of.onRecorded();
      return result;
    } finally {
      // From the COMMIT on whoever waits is answered from the row.
      key.of.giveUp();
    }
  }

  /**
   * To be called when the request has failed.
   * @returns its answer after all, where another server has carried out the same request meanwhile
   */
  async fail(): Promise<AnsweredBefore | undefined> {
    try {
      return await this.of.findAnswer();
    } catch {
      // The request has an error of its own to answer with.
      return undefined;
    } finally {
      this.of.giveUp();
    }
  }

  private async record(unit: Unit, answer: object): Promise<void> {
    const { ownerId, key, fingerprint } = this.of;
    // It was looked for before, so what is there has expired.
    await unit.change('DELETE FROM requestKeys WHERE ownerId = ? AND requestKey = ? AND createdAt < ?', [
      ...[ownerId, key],
      expiredAt(Date.now()),
    ]);
    await unit.change(
      'INSERT INTO requestKeys (ownerId, requestKey, fingerprint, answer, createdAt) VALUES (?, ?, ?, ?, ?)',
      [ownerId, key, fingerprint, JSON.stringify(answer), Date.now()],
    );
  }
}

/** Milliseconds for which a key is known. */
const KEPT_MS = 24 * 3_600_000;

/** Keys from before this moment are none any more. */
export function expiredAt(now: number): number {
  return now - KEPT_MS;
}
