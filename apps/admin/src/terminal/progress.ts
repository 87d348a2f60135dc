const EVERY_MS = 100;

/** How far long work is, in one line of the terminal that is written over; nothing where there is no terminal. */
export class Progress {
  private last = 0;
  private shown = false;

  readonly update = (step: string, done: number): void => {
    if (!process.stderr.isTTY || Date.now() - this.last < EVERY_MS) return;
    this.last = Date.now();
    this.shown = true;
    process.stderr.write(`\r\u001B[K${done.toLocaleString('en')} ${step} …`);
  };

  /** Clears the line, before anything else is printed. */
  clear(): void {
    if (this.shown) process.stderr.write('\r\u001B[K');
    this.shown = false;
  }
}
