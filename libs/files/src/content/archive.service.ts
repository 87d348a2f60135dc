import { ContractError } from '@app/contract';
import type { File } from '@app/database';
import { parseId, type PreparedAnswer } from '@app/http';
import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { findLiveFiles } from '../file-rows.js';
import { archiveOf } from './archive.js';
import { contentHeaders } from './content-headers.js';
import { ContentService } from './content.service.js';

const NAME = 'files.zip';

/** Many files in one download. */
@Injectable()
export class ArchiveService {
  private readonly logger = new Logger(ArchiveService.name);

  constructor(
    private readonly dataSource: DataSource,
    private readonly content: ContentService,
  ) {}

  /**
   * The answer with a ZIP of files of one owner. A file that is deleted, or whose bytes cannot be read, once the archive
   * has begun ends it: its length was told, so that nobody takes what he has got for whole.
   * @param ids as the URL has them, separated by commas; one that stands twice counts once
   * @throws ContractError invalidFileId; fileNotFound, mayNotViewFile for the first that is
   */
  async prepare(ownerId: number, ids: unknown, { headOnly }: { headOnly: boolean }): Promise<PreparedAnswer> {
    const files = await this.find(ownerId, parseIds(ids));
    const { size, bytes } = archiveOf(files, (file) => this.content.stream(file));
    const headers = { ...contentHeaders(NAME), 'content-type': 'application/zip', 'content-length': size };
    // Not for the log, where there is a line for the request.
    if (!headOnly)
      this.logger.debug({ event: 'archive-downloaded', userId: ownerId, fileIds: files.map(({ id }) => id).join(' ') });
    if (!headOnly) return { status: 200, headers, body: bytes };
    bytes.destroy();
    return { status: 200, headers };
  }

  /** In the order in which they were asked for. */
  private async find(ownerId: number, ids: readonly number[]): Promise<File[]> {
    const found = new Map((await findLiveFiles(this.dataSource, ids)).map((file) => [file.id, file]));
    const files = ids.map((id) => {
      const file = found.get(id);
      if (!file) throw new ContractError('fileNotFound');
      return file;
    });
    if (files.some((file) => file.ownerId !== ownerId)) throw new ContractError('mayNotViewFile');
    return files;
  }
}

function parseIds(ids: unknown): number[] {
  if (typeof ids !== 'string') throw new ContractError('invalidFileId');
  return [...new Set(ids.split(',').map((id) => parseId(id, 'invalidFileId')))];
}
