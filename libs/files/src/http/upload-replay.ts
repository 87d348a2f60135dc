import type { AuthenticatedUser, Replay } from '@app/accounts';
import { ContractError } from '@app/contract';
import type { File } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { FileMessageBody } from '../dto/file-bodies.dto.js';
import { FileDto } from '../dto/file.dto.js';
import { findLiveFile } from '../file-rows.js';

/** What an upload is answered with. */
export function uploaded(file: File, { username }: AuthenticatedUser): FileMessageBody {
  return { message: 'File uploaded successfully', file: FileDto.of(file, username) };
}

/** Answers an upload that is sent again. Its id is all that is kept: a name must be gone when its file is. */
@Injectable()
export class UploadReplay implements Replay {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws ContractError fileNotFound when the file has been deleted since */
  async replay({ fileId }: { fileId: number }, user: AuthenticatedUser): Promise<FileMessageBody> {
    const file = await findLiveFile(this.dataSource, fileId);
    if (file?.ownerId !== user.id) throw new ContractError('fileNotFound');
    return uploaded(file, user);
  }
}
