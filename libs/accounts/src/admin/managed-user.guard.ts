import { User } from '@app/database';
import { Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { DataSource } from 'typeorm';
import { subject, SubjectGuard, type SubjectNames, SubjectRoute } from '../auth/subject.guard.js';

const USER: SubjectNames = { parameter: 'userId', example: 42, invalid: 'invalidUserId', missing: 'userNotFound' };

/**
 * Finds the user in the URL. Whether the caller is an admin has been judged before: a stranger does not learn which ids
 * exist.
 */
@Injectable()
export class ManagedUserGuard extends SubjectGuard<User> {
  constructor(
    private readonly dataSource: DataSource,
    reflector: Reflector,
  ) {
    super(USER, reflector);
  }

  protected override async find(id: number): Promise<User | undefined> {
    return (await this.dataSource.manager.findOneBy(User, { id })) ?? undefined;
  }

  protected override ownerOf(): undefined {
    return undefined;
  }
}

/** Marks a route that acts on one user: the guard, and its entry in the OpenAPI document. */
export const ManagedUserRoute = () => SubjectRoute(ManagedUserGuard, USER);

/** The user that the guard found. */
export const ManagedUser = subject<User>();
