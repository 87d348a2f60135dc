const EVERY_MS = 100;
/** Before that a rate says nothing. */
const RATE_AFTER_MS = 1_000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;

/**
 * How far long work is, at which rate, and when it will be done, in one line of the terminal that is written over; nothing
 * where there is no terminal.
 */
export class Progress {
  private last = 0;
  private shown = false;
  private step = '';
  private began = 0;
  private from = 0;

  /** @param total as far as it is known; then the time that is left is told as well */
  readonly update = (step: string, done: number, total?: number): void => {
    const now = Date.now();
    if (step !== this.step) Object.assign(this, { step, began: now, from: done });
    if (!process.stderr.isTTY || now - this.last < EVERY_MS) return;
    this.last = now;
    this.shown = true;
    const of = total === undefined ? '' : ` of ${total.toLocaleString('en')}`;
    process.stderr.write(`\r\u001B[K${done.toLocaleString('en')}${of} ${step}${this.pace(now, done, total)} …`);
  };

  /** Clears the line, before anything else is printed. */
  clear(): void {
    if (this.shown) process.stderr.write('\r\u001B[K');
    this.shown = false;
  }

  private pace(now: number, done: number, total: number | undefined): string {
    const passed = now - this.began;
    if (passed < RATE_AFTER_MS || done === this.from) return '';
    const rate = ((done - this.from) * 1000) / passed;
    const left = total === undefined ? '' : `, ${timeLeft((total - done) / rate)} left`;
    return `, ${rate.toLocaleString('en', { maximumSignificantDigits: 3 })}/s${left}`;
  }
}

/** @returns e.g. `50 s`, `3 min`, `2 h 5 min` */
export function timeLeft(seconds: number): string {
  const rest = Math.max(0, Math.round(seconds));
  if (rest < MINUTE) return `${rest} s`;
  if (rest < HOUR) return `${Math.round(rest / MINUTE)} min`;
  return `${Math.floor(rest / HOUR)} h ${Math.round((rest % HOUR) / MINUTE)} min`;
}
