/** Statements that are told apart; whatever else there is, such as PRAGMA, is "other". */
const KIND = /^\s*(select|insert|update|delete|begin|start|commit|rollback|savepoint|release)\b/i;
/** Texts whose kind is remembered; more than the drive has. */
const KNOWN = 500;

/** What wants to know how long statements take. @param kind such as `select` */
export type TimeOfStatement = (kind: string, seconds: number) => void;

/** How long statements take, for whoever asks to be told; as a rule nobody does, and then nothing is measured. */
export class StatementTimes {
  private readonly kinds = new Map<string, string>();
  /** Told of each statement from now on, also of one that fails. */
  told: TimeOfStatement | undefined;

  /** @returns what is to be called when the statement is done; none where nobody wants to know */
  begin(sql: string): (() => void) | undefined {
    const { told } = this;
    if (!told) return undefined;
    const began = performance.now();
    return () => told(this.kindOf(sql), (performance.now() - began) / 1000);
  }

  private kindOf(sql: string): string {
    const known = this.kinds.get(sql);
    if (known !== undefined) return known;
    const kind = KIND.exec(sql)?.[1]?.toLowerCase() ?? 'other';
    if (this.kinds.size >= KNOWN) this.kinds.clear();
    this.kinds.set(sql, kind);
    return kind;
  }
}
