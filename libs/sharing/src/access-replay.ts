import type { AuthenticatedUser, Replay } from '@app/accounts';
import { AppConfig } from '@app/config';
import { ContractError } from '@app/contract';
import { Access } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AccessCreatedBody, AccessDto } from './dto/access.dto.js';

/** Answers the creation of an access that is asked for again. Its id is all that is kept: a link is a secret. */
@Injectable()
export class AccessReplay implements Replay {
  constructor(
    private readonly config: AppConfig,
    private readonly dataSource: DataSource,
  ) {}

  /** @throws ContractError accessNotFound when the access has been deleted since */
  async replay({ accessId }: { accessId: number }, user: AuthenticatedUser): Promise<AccessCreatedBody> {
    const access = await this.dataSource.manager.findOneBy(Access, { id: accessId, ownerId: user.id });
    if (!access) throw new ContractError('accessNotFound');
    return AccessCreatedBody.of(AccessDto.of(access, this.config.publicUrl));
  }
}
