import { Access, type File } from '@app/database';
import { Downloads } from '@app/files';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { isOpen } from './access-policy.js';
import { LinkTally } from './link-tally.js';

/** What a delete would take along, or cut. */
export interface DeletionPreview {
  readonly accesses: {
    readonly count: number;
    /** Those that let somebody in now. */
    readonly open: number;
    /** Milliseconds since 1970. */
    readonly lastUsedAt: number | null;
  };
  /** Under way on this server. */
  readonly downloads: number;
}

/** Says beforehand what a delete will do. */
@Injectable()
export class DeletionPreviewService {
  constructor(
    private readonly dataSource: DataSource,
    private readonly tally: LinkTally,
    private readonly downloads: Downloads,
  ) {}

  async of(file: File): Promise<DeletionPreview> {
    const accesses = await this.accessesOf(file);
    const now = Date.now();
    const used = accesses.map(({ lastUsedAt }) => lastUsedAt ?? 0);
    const open = accesses.filter((access) => isOpen(access, file, now)).length;
    const lastUsedAt = used.reduce((last, time) => Math.max(last, time), 0) || null;
    return { accesses: { count: accesses.length, open, lastUsedAt }, downloads: this.downloads.count(file.id) };
  }

  /** With all uses up to this moment. */
  private async accessesOf({ id: fileId }: File): Promise<Access[]> {
    const read = () => this.dataSource.manager.find(Access, { where: { fileId } });
    const accesses = await read();
    return (await this.tally.settle(accesses.map(({ id }) => id))) ? read() : accesses;
  }
}
