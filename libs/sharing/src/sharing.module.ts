import { FilesModule } from '@app/files';
import { Module } from '@nestjs/common';
import { AccessList } from './access-list.js';
import { AccessOwnerGuard } from './access-owner.guard.js';
import { AccessesController } from './accesses.controller.js';
import { AccessesService } from './accesses.service.js';
import { DeletionPreviewController } from './deletion-preview.controller.js';
import { DeletionPreviewService } from './deletion-preview.service.js';
import { LinkTally } from './link-tally.js';
import { LinksController } from './links.controller.js';
import { LinksService } from './links.service.js';

/** Accesses, which an owner makes, and the links that strangers have from them. */
@Module({
  imports: [FilesModule],
  controllers: [AccessesController, DeletionPreviewController, LinksController],
  providers: [AccessesService, AccessList, AccessOwnerGuard, DeletionPreviewService, LinksService, LinkTally],
  exports: [AccessesService],
})
export class SharingModule {}
