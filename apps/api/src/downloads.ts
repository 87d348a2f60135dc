import type { Socket } from 'node:net';
import { ContractError } from '@app/contract';
import { networkOf } from '@app/http';
import type { FastifyInstance } from 'fastify';

/** How many downloads there may be, and when one of them has stalled. Times in milliseconds. */
export interface DownloadPlaces {
  readonly all: number;
  /** Of one address. Behind a proxy that is not listed everybody has the same. */
  readonly ofNetwork: number;
  /** Without progress, where somebody else waits for the place. */
  readonly stalledMs: number;
  /** Without progress, in any case. */
  readonly deadMs: number;
  readonly lookEveryMs: number;
}

/**
 * A person pauses a download, and a proxy takes a GiB ahead and then nothing for minutes: neither is a reason to end what
 * can be paid for. Only where places run short does one that has not moved for two minutes give way.
 */
export const PLACES: DownloadPlaces = {
  all: 512,
  ofNetwork: 128,
  stalledMs: 120_000,
  deadMs: 3_600_000,
  lookEveryMs: 5_000,
};

/** Seconds after which somebody for whom there was no place may try again. */
const RETRY_AFTER = 10;

interface Download {
  readonly socket: Socket;
  readonly network: string;
  /** Bytes that the kernel had taken when it was last looked at. */
  taken: number;
  movedAt: number;
}

/** Bounds the downloads that are under way, before anything is done for one: a link that is refused costs no use. */
export function watchDownloads(server: FastifyInstance, places: DownloadPlaces = PLACES): void {
  const downloads = new Downloads(places);
  server.addHook('onRequest', (request, reply, done) => {
    const { download } = request.routeOptions.config as { download?: boolean };
    if (!download) return done();
    try {
      const release = downloads.enter(request.raw.socket, networkOf(request.ip));
      reply.raw.once('close', release);
      done();
    } catch (refusal) {
      done(refusal as Error);
    }
  });
}

class Downloads {
  private readonly underWay = new Set<Download>();
  private readonly byNetwork = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly places: DownloadPlaces) {}

  /**
   * @returns what gives the place back
   * @throws ContractError tooManyRequests, unavailable
   */
  enter(socket: Socket, network: string): () => void {
    const { all, ofNetwork } = this.places;
    if (this.of(network) >= ofNetwork && !this.makeRoom(network))
      throw new ContractError('tooManyRequests', { retryAfter: RETRY_AFTER });
    if (this.underWay.size >= all && !this.makeRoom())
      throw new ContractError('unavailable', { retryAfter: RETRY_AFTER });
    const download = { socket, network, taken: takenBy(socket), movedAt: Date.now() };
    this.underWay.add(download);
    this.byNetwork.set(network, this.of(network) + 1);
    this.timer ??= setInterval(this.look, this.places.lookEveryMs).unref();
    return () => this.leave(download);
  }

  private of(network: string): number {
    return this.byNetwork.get(network) ?? 0;
  }

  private leave(download: Download): void {
    if (!this.underWay.delete(download)) return;
    const left = this.of(download.network) - 1;
    if (left > 0) this.byNetwork.set(download.network, left);
    else this.byNetwork.delete(download.network);
    if (this.underWay.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  /** Ends the download that has stalled for the longest, of a network or of all. @returns whether there was one */
  private makeRoom(network?: string): boolean {
    this.look();
    let stalled: Download | undefined;
    for (const download of this.underWay) {
      if (network !== undefined && download.network !== network) continue;
      if (!stalled || download.movedAt < stalled.movedAt) stalled = download;
    }
    if (!stalled || Date.now() - stalled.movedAt < this.places.stalledMs) return false;
    this.end(stalled);
    return true;
  }

  private readonly look = (): void => {
    const now = Date.now();
    for (const download of this.underWay) {
      const taken = takenBy(download.socket);
      if (taken !== download.taken) Object.assign(download, { taken, movedAt: now });
      else if (now - download.movedAt >= this.places.deadMs) this.end(download);
    }
  };

  private end(download: Download): void {
    this.leave(download);
    download.socket.destroy();
  }
}

/** Bytes that the kernel has taken from us. What Node counts as written may still wait in its own queue, as it knows itself. */
function takenBy(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { writeQueueSize?: number } | null };
  return socket.bytesWritten - (handle?.writeQueueSize ?? 0);
}
