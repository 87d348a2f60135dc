import { createHash } from 'node:crypto';
import type { HeldKey } from '@app/accounts';
import type { File } from '@app/database';
import { noteSpent } from '@app/storage';
import type { NewFile } from '../file-rows.js';
import type { Incoming } from './incoming.js';
import type { StagedUploads } from './staged-uploads.js';

/** Bytes up to which a body is gathered before anything of it is written. */
export const SMALL_FILE = 1024 * 1024;

/** Whom a small file needs. */
export interface SmallFileRules {
  readonly staged: StagedUploads;
  /** Judges how many bytes there are. @throws ContractError for more than can ever fit */
  readonly judge: (size: number) => void;
  /** Called when the bytes are a file, or gone. */
  readonly over: () => void;
}

/** Bytes that are few, and so can be whole before there is any trace of them. */
export class SmallFile implements Incoming {
  readonly holdsName = false;
  size = 0;
  /** A first chunk is not copied: for the most part there is no other. */
  private first: Buffer | undefined;
  private gathered: Buffer | undefined;
  private readonly hash = createHash('sha256');

  /** @param most bytes that can come */
  constructor(
    private readonly draft: NewFile,
    private readonly most: number,
    private readonly rules: SmallFileRules,
  ) {}

  write(chunk: Buffer): undefined {
    this.rules.judge(this.size + chunk.length);
    this.hash.update(chunk);
    noteSpent(chunk.length);
    if (this.size === 0) {
      this.first = chunk;
    } else {
      if (!this.gathered) {
        this.gathered = Buffer.allocUnsafeSlow(this.most);
        this.first!.copy(this.gathered);
      }
      chunk.copy(this.gathered, this.size);
    }
    this.size += chunk.length;
  }

  async commit(key?: HeldKey): Promise<File> {
    const digest = { size: this.size, sha256: this.hash.digest('hex') };
    const bytes = this.gathered?.subarray(0, this.size) ?? this.first ?? Buffer.alloc(0);
    const file = await this.rules.staged.publish(this.draft, bytes, digest, key);
    this.rules.over();
    return file;
  }

  /** There is nothing to undo: what was published, and did not become a file, is gone. */
  async abort(): Promise<void> {
    this.rules.over();
  }
}
