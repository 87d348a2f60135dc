/**
 * The right to move bytes: to publish and remove them, and to take every upload that is under way and not its own for dead.
 * A server has it, or a command while no server runs. Today it is the lock of the data directory.
 */
export abstract class ServerLease {
  /** Whether this process has it. */
  abstract readonly held: boolean;

  /** Whether any process has it, this one too. */
  abstract isServed(): Promise<boolean>;

  /** @throws ConfigError when another process has it */
  abstract take(): Promise<void>;

  /** Gives it back. It ends with the process in any case, however that ends. */
  abstract release(): Promise<void>;

  /** For what must never run beside a server. @throws Error when this process does not have the lease */
  assertHeld(): void {
    if (!this.held) throw new Error('This moves bytes, and another process may be doing so');
  }
}
