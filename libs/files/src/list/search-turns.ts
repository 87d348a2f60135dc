import { ContractError } from '@app/contract';
import { Injectable } from '@nestjs/common';

/** Of one owner. */
const AT_ONCE = 2;
const WAITING = 16;
/** Milliseconds for which nobody waits longer. */
const LONGEST_WAIT = 10_000;
/** Seconds after which who got no turn may try again. */
const RETRY_AFTER = 5;

interface Turns {
  running: number;
  readonly waiting: (() => void)[];
}

/** What takes long for one owner has its turn: two at once, so that nobody keeps all others waiting by asking for much. */
@Injectable()
export class SearchTurns {
  private readonly byOwner = new Map<number, Turns>();

  /** @throws ContractError unavailable for who has waited for too long, or would */
  async take<Result>(ownerId: number, work: () => Promise<Result>): Promise<Result> {
    const turns = this.byOwner.get(ownerId) ?? { running: 0, waiting: [] };
    this.byOwner.set(ownerId, turns);
    if (turns.running < AT_ONCE) turns.running += 1;
    else await wait(turns);
    try {
      return await work();
    } finally {
      const next = turns.waiting.shift();
      if (next) next();
      else turns.running -= 1;
      if (turns.running === 0) this.byOwner.delete(ownerId);
    }
  }
}

/** Resolves with the place of one that has ended. */
function wait({ waiting }: Turns): Promise<void> {
  if (waiting.length >= WAITING) return Promise.reject(tooMany());
  return new Promise((resolve, reject) => {
    const begin = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(begin), 1);
      reject(tooMany());
    }, LONGEST_WAIT);
    waiting.push(begin);
  });
}

function tooMany(): ContractError {
  return new ContractError('unavailable', { retryAfter: RETRY_AFTER });
}
