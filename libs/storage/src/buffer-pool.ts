/**
 * Buffers that are used again. The engine counts each new one, and after some 64 MiB of them collects everything, time
 * and again: in a server that has been in use, that takes longer than to send or to write what is in them.
 */
export class BufferPool {
  private readonly spare: Buffer[] = [];

  /**
   * @param size bytes of each buffer
   * @param limit how many are kept while nobody uses them; more are made when they are needed
   */
  constructor(
    readonly size: number,
    private readonly limit: number,
  ) {}

  take(): Buffer {
    return this.spare.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  /** To be called once nothing reads or writes its bytes any more, neither the kernel: another user's will stand there. */
  giveBack(buffer: Buffer): void {
    if (this.spare.length < this.limit) this.spare.push(buffer);
  }
}
