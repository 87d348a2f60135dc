import { constants, fstatSync, openSync, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

/** Bytes that wait for a reader who has fallen behind. */
const MOST_WAITING = 256 * 1024;
/** Milliseconds between tries to write again. */
const TRY_EVERY = 250;
const STANDARD_OUTPUT = 1;
const NOTHING = Buffer.alloc(0);

/**
 * Where the log goes: standard output, which may be a full disk, a closed terminal or a program that has stopped reading.
 * None of these keeps the drive: it goes on without the lines, and says how many are lost once it can write again.
 */
export class LogOutput implements DestinationStream {
  private waiting = NOTHING;
  /** Lines. */
  private lost = 0;
  /** Whether what was written last ends within a line. */
  private withinLine = false;
  private timer: NodeJS.Timeout | undefined;

  /** @param fd a descriptor; without one, standard output */
  constructor(private fd?: number) {
    process.on('exit', this.tryAgain);
  }

  /** @param lines whole ones, each with its end */
  write(lines: string): void {
    if (this.lost > 0 || this.waiting.length > MOST_WAITING) return this.lose(Buffer.from(lines));
    this.waiting = this.waiting.length > 0 ? Buffer.concat([this.waiting, Buffer.from(lines)]) : Buffer.from(lines);
    this.flush();
  }

  private readonly tryAgain = (): void => {
    this.flush();
    if (this.waiting.length > 0 || this.lost === 0) return;
    const count = this.lost;
    const line = { level: 'warn', time: new Date().toISOString(), event: 'log-lines-lost', count };
    this.lost = 0;
    this.waiting = Buffer.from(`${this.withinLine ? '\n' : ''}${JSON.stringify(line)}\n`);
    this.flush();
    if (this.lost > 0) this.lost = count;
  };

  private flush(): void {
    try {
      this.fd ??= openOutput();
      while (this.waiting.length > 0) {
        this.waiting = this.waiting.subarray(writeSync(this.fd, this.waiting));
        this.withinLine = this.waiting.length > 0;
      }
      if (this.lost === 0) this.stopTrying();
    } catch (error) {
      // Its reader may yet catch up.
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN')
        this.timer ??= setInterval(this.tryAgain, TRY_EVERY).unref();
      else this.lose(this.waiting);
    }
  }

  private lose(lines: Buffer): void {
    if (lines === this.waiting) this.waiting = NOTHING;
    for (const byte of lines) if (byte === 10) this.lost += 1;
    this.timer ??= setInterval(this.tryAgain, TRY_EVERY).unref();
  }

  private stopTrying(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }
}

/**
 * A pipe or a terminal is opened anew, so that a write to it never waits, however others use it. (A file never lets one
 * wait, and a socket cannot be opened so.)
 */
function openOutput(): number {
  try {
    const stats = fstatSync(STANDARD_OUTPUT);
    if (!stats.isFIFO() && !stats.isCharacterDevice()) return STANDARD_OUTPUT;
    const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
    return openSync(`/proc/self/fd/${STANDARD_OUTPUT}`, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch {
    return STANDARD_OUTPUT;
  }
}
