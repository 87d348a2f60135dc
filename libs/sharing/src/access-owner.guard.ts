import { subject, SubjectGuard, type SubjectNames, SubjectRoute } from '@app/accounts';
import type { ErrorName } from '@app/contract';
import { Access } from '@app/database';
import { Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DataSource } from 'typeorm';

const ACCESS: SubjectNames = {
  parameter: 'accessId',
  example: 7,
  invalid: 'invalidAccessId',
  missing: 'accessNotFound',
};

/**
 * Lets only the owner of the access in the URL pass, and hands on the very access that it checked, with its file: see
 * `@OwnedAccess()`. An access whose file is gone is not there.
 */
@Injectable()
export class AccessOwnerGuard extends SubjectGuard<Access> {
  constructor(
    private readonly dataSource: DataSource,
    reflector: Reflector,
  ) {
    super(ACCESS, reflector);
  }

  protected override async find(id: number): Promise<Access | undefined> {
    const access = await this.dataSource
      .createQueryBuilder(Access, 'access')
      .innerJoinAndSelect('access.file', 'file')
      .where("access.id = :id AND file.state = 'live'", { id })
      .getOne();
    return access ?? undefined;
  }

  protected override ownerOf({ file }: Access): number {
    return file.ownerId;
  }
}

/**
 * Marks a route that acts on one access of its caller: the ownership guard, and its entry in the OpenAPI document.
 * @param forbidden what another user's access is answered with
 */
export const OwnedAccessRoute = (forbidden: ErrorName) => SubjectRoute(AccessOwnerGuard, ACCESS, forbidden);

/** The access that the guard checked, with its file. */
export const OwnedAccess = subject<Access>();
