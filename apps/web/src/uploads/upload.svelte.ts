import type { ApiError } from '../api/api-error.js';

/**
 * waiting: its turn will come · sending · retrying: by itself, later · paused: by a person · failed: refused, a person
 * decides · lost: the file must be chosen again · done.
 */
export type UploadState = 'waiting' | 'sending' | 'retrying' | 'paused' | 'failed' | 'lost' | 'done';

/** A file as it was chosen. */
export interface Chosen {
  readonly file: File;
  /** The folder that it was in, for the eye; empty where it was chosen by itself. */
  readonly folder: string;
  /** By which a later visit opens it again, where the browser gives one. */
  readonly handle?: FileSystemFileHandle | undefined;
}

/** What outlives the page. */
export interface KeptUpload {
  readonly key: string;
  readonly userId: number;
  readonly name: string;
  readonly folder: string;
  readonly size: number;
  readonly lastModified: number;
  readonly paused: boolean;
  /** The upload's address on the server, once it has one. */
  readonly url?: string | undefined;
  readonly handle?: FileSystemFileHandle | undefined;
  /** The file itself, where there is no handle and it is small enough to be kept. */
  readonly file?: File | undefined;
}

/** Milliseconds over which the speed is measured. */
const WINDOW = 5_000;

/** One file on its way to the server. */
export class Upload {
  name = $state('');
  state = $state<UploadState>('waiting');
  /** Bytes that the server has, or is being sent. */
  sent = $state(0);
  /** Bytes a second, while sending. */
  speed = $state(0);
  /** Why it is retrying, failed or lost. */
  error = $state.raw<ApiError>();
  /** Of the file that it became. */
  fileId = $state<number>();
  url?: string | undefined;
  file?: File | undefined;
  handle?: FileSystemFileHandle | undefined;
  /** Tries since something last went right. */
  tries = 0;
  private samples: [time: number, sent: number][] = [];

  constructor(
    readonly key: string,
    readonly userId: number,
    name: string,
    readonly folder: string,
    readonly size: number,
    public lastModified: number,
  ) {
    this.name = name;
  }

  static of({ file, folder, handle }: Chosen, userId: number): Upload {
    const upload = new Upload(newKey(), userId, file.name.normalize('NFC'), folder, file.size, file.lastModified);
    upload.file = file;
    upload.handle = handle;
    return upload;
  }

  static restored(kept: KeptUpload): Upload {
    const upload = new Upload(kept.key, kept.userId, kept.name, kept.folder, kept.size, kept.lastModified);
    upload.url = kept.url;
    upload.file = kept.file;
    upload.handle = kept.handle;
    upload.state = kept.paused ? 'paused' : 'waiting';
    return upload;
  }

  get active(): boolean {
    return this.state === 'waiting' || this.state === 'sending' || this.state === 'retrying';
  }

  /** Seconds until it is there, while that can be told. */
  get secondsLeft(): number | undefined {
    return this.speed > 0 ? (this.size - this.sent) / this.speed : undefined;
  }

  progress(sent: number, now = performance.now()): void {
    this.sent = Math.min(sent, this.size);
    this.samples = [...this.samples.filter(([time]) => now - time < WINDOW), [now, this.sent]];
    const [[time, before]] = this.samples as [[number, number]];
    this.speed = now - time > 500 ? Math.max(0, ((this.sent - before) * 1_000) / (now - time)) : this.speed;
  }

  rest(state: UploadState, error?: ApiError): void {
    this.state = state;
    this.error = error;
    this.speed = 0;
    this.samples = [];
  }
}

/** `crypto.randomUUID` is not there without https. */
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(12))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
