import { ContractError } from '@app/contract';

interface UnderWay {
  readonly fingerprint: string;
  /** Resolves when the request has been carried out, or has failed. */
  readonly ended: Promise<void>;
}

/** The requests of this server that hold a key: one at a time for each. */
export class KeysUnderWay {
  private readonly byName = new Map<string, UnderWay>();

  /** @param patienceMs for which a request waits for another one with its key */
  constructor(private readonly patienceMs: number) {}

  /**
   * Takes a key, after whoever has it.
   * @returns gives it up; may be called more than once
   * @throws ContractError idempotencyKeyReused, idempotencyKeyUnderWay
   */
  async enter(name: string, fingerprint: string): Promise<() => void> {
    for (const deadline = Date.now() + this.patienceMs; ;) {
      const other = this.byName.get(name);
      if (!other) return this.take(name, fingerprint);
      if (other.fingerprint !== fingerprint) throw new ContractError('idempotencyKeyReused');
      if (!(await endsBefore(other.ended, deadline))) throw new ContractError('idempotencyKeyUnderWay');
    }
  }

  private take(name: string, fingerprint: string): () => void {
    let end: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => (end = resolve));
    const own = { fingerprint, ended };
    this.byName.set(name, own);
    return () => {
      if (this.byName.get(name) === own) this.byName.delete(name);
      end();
    };
  }
}

async function endsBefore(ended: Promise<void>, deadline: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), Math.max(0, deadline - Date.now()));
  });
  const inTime = await Promise.race([ended.then(() => true), late]);
  clearTimeout(timer);
  return inTime;
}
