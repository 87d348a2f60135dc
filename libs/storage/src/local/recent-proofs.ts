/**
 * Milliseconds for which what was proved about the disk is taken to be so still. Between a proof and what relies on it
 * something can always change; this makes that moment longer, and spares requests that follow each other closely, or
 * come at once, a way to the disk each.
 */
export const PROOF_MS = 10;
/** Proofs that are kept; more than an instant has. */
const KEPT = 1000;

interface Proof {
  readonly outcome: Promise<boolean>;
  readonly until: number;
}

/** Proofs that were given a moment ago, or are just being given. */
export class RecentProofs {
  private readonly proofs = new Map<string, Proof>();

  /**
   * Gives a proof, or one that is fresh. Only what was found true is kept.
   * @throws whatever `prove` throws
   */
  demand(what: string, prove: () => Promise<boolean>): Promise<boolean> {
    const now = performance.now();
    const recent = this.proofs.get(what);
    if (recent && now < recent.until) return recent.outcome;
    const proof = { outcome: prove(), until: now + PROOF_MS };
    if (this.proofs.size >= KEPT) this.proofs.clear();
    this.proofs.set(what, proof);
    const forget = () => {
      if (this.proofs.get(what) === proof) this.proofs.delete(what);
    };
    proof.outcome.then((holds) => holds || forget(), forget);
    return proof.outcome;
  }
}
