import { subject, SubjectGuard, type SubjectNames, SubjectRoute } from '@app/accounts';
import type { ErrorName } from '@app/contract';
import type { File } from '@app/database';
import { applyDecorators, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { requireMatch } from '../content/if-match.js';
import { findLiveFile } from '../file-rows.js';
import { ApiIfMatch } from './api-content.js';

const FILE: SubjectNames = { parameter: 'fileId', example: 42, invalid: 'invalidFileId', missing: 'fileNotFound' };

/** Lets only the owner of the file in the URL pass, and hands on the very file that it checked: see `@OwnedFile()`. */
@Injectable()
export class FileOwnerGuard extends SubjectGuard<File> {
  constructor(
    private readonly dataSource: DataSource,
    reflector: Reflector,
  ) {
    super(FILE, reflector);
  }

  protected override find(id: number): Promise<File | undefined> {
    return findLiveFile(this.dataSource, id);
  }

  protected override ownerOf({ ownerId }: File): number {
    return ownerId;
  }

  protected override accept(file: File, { headers }: FastifyRequest): void {
    requireMatch(file, headers['if-match']);
  }
}

/**
 * Marks a route that acts on one file of its caller: the ownership guard, and its entry in the OpenAPI document.
 * @param forbidden what another user's file is answered with
 */
export const OwnedFileRoute = (forbidden: ErrorName) =>
  applyDecorators(SubjectRoute(FileOwnerGuard, FILE, forbidden), ApiIfMatch());

/** The file that the guard checked. */
export const OwnedFile = subject<File>();
