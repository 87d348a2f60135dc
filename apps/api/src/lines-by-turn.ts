import type { DestinationStream } from 'pino';

/**
 * Writes the lines of one turn of the event loop together: at thousands a second the write of a line costs more than all
 * the rest of it. Lines of a turn in which the process is killed are lost; at an exit none is.
 */
export class LinesByTurn implements DestinationStream {
  private lines = '';

  constructor(private readonly destination: DestinationStream) {
    process.on('exit', this.flush);
  }

  write(line: string): void {
    if (this.lines === '') setImmediate(this.flush);
    this.lines += line;
  }

  private readonly flush = () => {
    if (this.lines === '') return;
    this.destination.write(this.lines);
    this.lines = '';
  };
}
