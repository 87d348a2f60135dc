import { Injectable } from '@nestjs/common';

/** The copy of a file on its way to another storage, in the hands of whoever makes it. */
export interface CopyUnderWay {
  /** Aborted when somebody wants the copy gone. */
  readonly signal: AbortSignal;
  /** To be called when nothing is done to its bytes any more, whatever has become of them. */
  end(): void;
}

/**
 * The copies that this process makes. Each has a removal from before its first byte, and whoever carries that out, as the
 * delete of the file does, first stops the copying: otherwise there would be bytes again when the removal says there are none.
 */
@Injectable()
export class CopiesUnderWay {
  private readonly copies = new Map<number, { readonly aborter: AbortController; readonly ended: Promise<void> }>();
  private readonly stopping = new AbortController();

  /** Aborted once this process makes no copy any more. */
  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  begin(removalId: number): CopyUnderWay {
    const aborter = new AbortController();
    if (this.stopped.aborted) aborter.abort(this.stopped.reason);
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = () => {
        this.copies.delete(removalId);
        resolve();
      };
    });
    this.copies.set(removalId, { aborter, ended });
    return { signal: aborter.signal, end };
  }

  /** Whether this process makes the copy of this removal. */
  has(removalId: number): boolean {
    return this.copies.has(removalId);
  }

  /** Resolves once nobody of this process works on the copy of this removal. */
  async stop(removalId: number): Promise<void> {
    const copy = this.copies.get(removalId);
    if (!copy) return;
    copy.aborter.abort(new CopyStoppedError('The copy is not wanted any more'));
    await copy.ended;
  }

  /** Ends all, and from now on each that begins. */
  async stopAll(): Promise<void> {
    this.stopping.abort(new CopyStoppedError('The server stops'));
    await Promise.all([...this.copies.keys()].map((removalId) => this.stop(removalId)));
  }
}

/** Somebody wants the copy gone, or the file is not what was copied any more. */
export class CopyStoppedError extends Error {
  override readonly name = 'CopyStoppedError';
}
