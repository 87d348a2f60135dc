/**
 * Milliseconds for which a look at the disk is good for: whoever asks again within them gets the answer that was found, and
 * the disk is not asked. So a volume that is exchanged is noticed up to this much later; but even a look that is made
 * anew may be out of date by the time its answer is used.
 */
export const PROOF_MS = 10;
/** Answers that are kept at most, lest many directories looked at within those milliseconds fill the memory. */
const KEPT = 1000;

interface Proof {
  readonly outcome: Promise<boolean>;
  readonly until: number;
}

/** Answers about the disk that were found a moment ago, or are just being looked up. */
export class RecentProofs {
  /** @param keptMs milliseconds; with none only those who ask at once share a proof */
  constructor(private readonly keptMs = PROOF_MS) {}

  private readonly proofs = new Map<string, Proof>();

  /**
   * Gives a proof, or one that is fresh. Only what was found true is kept.
   * @throws whatever `prove` throws
   */
  demand(what: string, prove: () => Promise<boolean>): Promise<boolean> {
    const now = performance.now();
    const recent = this.proofs.get(what);
    if (recent && now < recent.until) return recent.outcome;
    const proof = { outcome: prove(), until: this.keptMs === 0 ? Infinity : now + this.keptMs };
    if (this.proofs.size >= KEPT) this.proofs.clear();
    this.proofs.set(what, proof);
    const forget = () => {
      if (this.proofs.get(what) === proof) this.proofs.delete(what);
    };
    proof.outcome.then((holds) => (holds && this.keptMs > 0) || forget(), forget);
    return proof.outcome;
  }
}
