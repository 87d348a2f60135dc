import type { IncomingMessage } from 'node:http';
import type { AuthenticatedUser, HeldKey, Room } from '@app/accounts';
import type { ContractError } from '@app/contract';
import type { File } from '@app/database';
import { ClientGoneError, declaredLength } from '@app/http';
import { Injectable } from '@nestjs/common';
import { foldName, nameKey } from '../file-name.js';
import { type Incoming, stopping } from '../incoming/incoming.js';
import { IncomingService } from '../incoming/incoming.service.js';
import { PendingRows } from '../incoming/pending-rows.js';
import { pour } from '../incoming/pour.js';
import { type Uploader, UploadTurns } from '../incoming/upload-turns.js';
import { type Holder, UploadHolders } from './upload-holders.js';
import { MULTIPART_OVERHEAD, readFilePart } from './multipart.js';

/** Takes the files of multipart requests, a bounded number at once. */
@Injectable()
export class MultipartUploads {
  private readonly holders = new UploadHolders();
  private readonly underWay = new Set<AbortController>();
  private stopped = false;

  constructor(
    private readonly incoming: IncomingService,
    private readonly turns: UploadTurns,
    private readonly rows: PendingRows,
  ) {}

  /**
   * Takes the file of a multipart request.
   * @param begin called when the body is wanted: what cannot be accepted is refused before
   * @param key by which the request is known again
   * @returns the live file
   */
  async receive(owner: AuthenticatedUser, request: IncomingMessage, begin: () => void, key?: HeldKey): Promise<File> {
    const room = await this.admit(owner.id, request);
    const abort = new AbortController();
    const onClose = () => abort.abort(new ClientGoneError('The client went away'));
    let incoming: Incoming | undefined;
    const open = async (name: string) => (incoming = await this.open(owner, name, room, { request, abort }));
    const turn = () => {
      // The queue would let go of an upload that is aborted before its roll-back has ended.
      abort.signal.throwIfAborted();
      request.off('close', onClose);
      begin();
      return this.take({ request, abort }, open, key);
    };
    this.underWay.add(abort);
    request.once('close', onClose);
    try {
      return await this.turns.take(
        uploaderOf(owner.id, abort, () => incoming?.size ?? 0),
        turn,
      );
    } finally {
      request.off('close', onClose);
      this.underWay.delete(abort);
    }
  }

  /** Ends all uploads without a trace and takes no more. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const abort of this.underWay) abort.abort(stopping());
    await this.turns.idle();
  }

  private async admit(ownerId: number, request: IncomingMessage): Promise<Room> {
    if (this.stopped) throw stopping();
    const declared = (declaredLength(request) ?? 0) - MULTIPART_OVERHEAD;
    return this.incoming.admit(ownerId, Math.max(0, declared));
  }

  /** Claims the name, and takes it over from an upload of the same owner that has died or stalls. */
  private open(owner: AuthenticatedUser, name: string, room: Room, holder: Holder): Promise<Incoming> {
    const key = () => nameKey(foldName(name.normalize('NFC')));
    const most = declaredLength(holder.request);
    return this.holders.claim(holder, {
      key: () => `${owner.id} ${key()}`,
      open: () => this.incoming.beginWithin(most, owner, name, room),
      isFree: () => this.incoming.isNameFree(owner, name),
      isElsewhere: () => this.rows.isElsewhere(owner.id, key()),
    });
  }

  private async take(
    holder: Holder,
    open: (name: string) => Promise<Incoming>,
    key: HeldKey | undefined,
  ): Promise<File> {
    const { signal } = holder.abort;
    let incoming: Incoming | undefined;
    let opening = false;
    try {
      const read = readFilePart(holder.request, async (part) => {
        signal.throwIfAborted();
        opening = true;
        incoming = await open(part.name);
        await pour(part.bytes, incoming, { signal });
      });
      await unlessAborted(read, signal, () => !opening);
      // The body has been read to its closing boundary, so there was a part.
      return await incoming!.commit(key);
    } catch (error) {
      await incoming?.abort();
      throw error;
    } finally {
      this.holders.release(holder);
    }
  }
}

function uploaderOf(ownerId: number, abort: AbortController, taken: () => number): Uploader {
  return { ownerId, signal: abort.signal, taken, end: (reason: ContractError) => abort.abort(reason) };
}

/** Waits for the work, or for the signal where there is nobody else yet who heeds it. @throws its reason */
async function unlessAborted(work: Promise<unknown>, signal: AbortSignal, unheeded: () => boolean): Promise<void> {
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => unheeded() && reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
  // Of the two that does not come first nobody else hears.
  for (const outcome of [work, aborted]) outcome.catch(() => undefined);
  await Promise.race([work, aborted]);
}
