import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';

/** A download was cut, because its file was deleted with `?downloads=end`. */
export class DownloadEndedError extends Error {
  override readonly name = 'DownloadEndedError';
}

/** The downloads of this server that are under way. What is sent from one buffer is over before anybody could count it. */
@Injectable()
export class Downloads {
  private readonly underWay = new Map<number, Set<Readable>>();

  /** Notes a download, until its bytes have been sent or its client has gone. @returns the same bytes */
  track(fileId: number, bytes: Readable): Readable {
    const ofFile = this.underWay.get(fileId) ?? new Set();
    this.underWay.set(fileId, ofFile.add(bytes));
    bytes.once('close', () => {
      ofFile.delete(bytes);
      if (ofFile.size === 0 && this.underWay.get(fileId) === ofFile) this.underWay.delete(fileId);
    });
    return bytes;
  }

  count(fileId: number): number {
    return this.underWay.get(fileId)?.size ?? 0;
  }

  /** Cuts the downloads of a file: their clients see that the bytes are not whole. */
  end(fileId: number): void {
    for (const bytes of this.underWay.get(fileId) ?? []) {
      bytes.destroy(new DownloadEndedError('The file was deleted, and its downloads with it'));
    }
  }
}
