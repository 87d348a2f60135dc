import { MalformedFormError, parseParameters, parsePartHead, type PartHead } from './part-head.js';

const CR = 13;
const LINE_END = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);
/** Bytes of the headers of one part. */
const LARGEST_HEAD = 16 * 1024;
/** RFC 2046 has 70. */
const LONGEST_BOUNDARY = 200;

/** Who is told what a form holds, while it comes in. What it throws ends the parsing. */
export interface FormListener {
  onPart(head: PartHead): void;
  /** Bytes of the part that was told last. */
  onBytes(bytes: Buffer): void;
  onPartEnd(): void;
}

type State = 'preamble' | 'delimiter' | 'head' | 'start' | 'body' | 'epilogue';

/**
 * The boundary that a Content-Type names.
 * @returns undefined for what is no `multipart/form-data`
 */
export function boundaryOf(contentType: string | undefined): string | undefined {
  if (!/^multipart\/form-data\s*;/i.test(contentType ?? '')) return undefined;
  const boundary = parseParameters(contentType!).get('boundary') ?? '';
  return boundary.length >= 1 && boundary.length <= LONGEST_BOUNDARY && !/[\r\n]/.test(boundary) ? boundary : undefined;
}

/**
 * Takes a multipart body apart while it comes in, and copies none of its bytes. Unlike parsers for mail it passes over
 * nothing: a line that only begins with the boundary, a part without its headers and a boundary behind the last one
 * mean that a file contains the boundary that its client has chosen, and would be cut short.
 */
export class FormParser {
  private state: State = 'preamble';
  /** Bytes that can only be understood with those that follow. The first boundary needs no line end before it. */
  private rest: Buffer = LINE_END;
  private readonly marker: Buffer;

  constructor(
    boundary: string,
    private readonly listener: FormListener,
  ) {
    this.marker = Buffer.from(`\r\n--${boundary}`, 'latin1');
  }

  /** @throws MalformedFormError, and what the listener throws */
  write(chunk: Buffer): void {
    let input = this.rest.length > 0 ? Buffer.concat([this.rest, chunk]) : chunk;
    this.rest = EMPTY;
    while (input.length > 0) {
      const taken = this[this.state](input);
      if (taken === undefined) {
        this.rest = input;
        return;
      }
      input = input.subarray(taken);
    }
  }

  /** @throws MalformedFormError when the last boundary has not been seen */
  end(): void {
    if (this.state !== 'epilogue') throw new MalformedFormError('is cut off: its last boundary is missing');
  }

  /** Each of the following takes bytes from the input and says how many, or undefined while it needs more of them. */
  private preamble(input: Buffer): number | undefined {
    return this.untilDelimiter(input, () => undefined);
  }

  private body(input: Buffer): number | undefined {
    return this.untilDelimiter(input, (bytes) => this.listener.onBytes(bytes));
  }

  private untilDelimiter(input: Buffer, give: (bytes: Buffer) => void): number | undefined {
    const at = input.indexOf(this.marker);
    const end = at >= 0 ? at : this.beginOfDelimiter(input);
    if (end > 0) give(input.subarray(0, end));
    if (at < 0) return end > 0 ? end : undefined;
    if (this.state === 'body') this.listener.onPartEnd();
    this.state = 'delimiter';
    return at + this.marker.length;
  }

  /** Where a delimiter may begin that is not whole yet; the input's length where none can. */
  private beginOfDelimiter(input: Buffer): number {
    let at = input.indexOf(CR, Math.max(0, input.length - this.marker.length + 1));
    while (at >= 0 && !this.marker.subarray(0, input.length - at).equals(input.subarray(at))) {
      at = input.indexOf(CR, at + 1);
    }
    return at >= 0 ? at : input.length;
  }

  /** What follows the boundary says whether it is one: two hyphens behind the last part, else nothing but blanks. */
  private delimiter(input: Buffer): number | undefined {
    if (input.length < 2) return undefined;
    if (input.toString('latin1', 0, 2) === '--') {
      this.state = 'epilogue';
      return 2;
    }
    const end = input.indexOf(LINE_END);
    const padding = input.toString('latin1', 0, end < 0 ? input.length : end);
    if (!/^[ \t]*\r?$/.test(padding))
      throw new MalformedFormError(
        'has a line that begins with the boundary and is none: choose one that no file contains',
      );
    if (end < 0) return undefined;
    this.state = 'head';
    return end + LINE_END.length;
  }

  private head(input: Buffer): number | undefined {
    const end = input.indexOf(HEAD_END);
    if ((end < 0 ? input.length : end) > LARGEST_HEAD) throw new MalformedFormError('has a part with too many headers');
    if (end < 0 && !input.subarray(0, 2).equals(LINE_END)) return undefined;
    this.listener.onPart(parsePartHead(input.subarray(0, Math.max(0, end))));
    this.state = 'start';
    return end + HEAD_END.length;
  }

  /** A part without a body may share the line end of its headers with the boundary (RFC 2046, 5.1.1). */
  private start(input: Buffer): number | undefined {
    const boundary = this.marker.subarray(LINE_END.length);
    const length = Math.min(input.length, boundary.length);
    if (!input.subarray(0, length).equals(boundary.subarray(0, length))) {
      this.state = 'body';
      return 0;
    }
    if (length < boundary.length) return undefined;
    this.listener.onPartEnd();
    this.state = 'delimiter';
    return length;
  }

  /** May hold anything (RFC 2046) but the boundary again: then that was no last one, but a line of the file. */
  private epilogue(input: Buffer): number | undefined {
    if (input.includes(this.marker)) throw new MalformedFormError('has its boundary again behind the last one');
    return this.beginOfDelimiter(input) || undefined;
  }
}
