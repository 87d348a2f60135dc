import { AccountsModule } from '@app/accounts';
import { FilesModule } from '@app/files';
import { Module } from '@nestjs/common';
import { AccessList } from './access-list.js';
import { AccessReplay } from './access-replay.js';
import { AccessOwnerGuard } from './access-owner.guard.js';
import { AccessesController } from './accesses.controller.js';
import { AccessesService } from './accesses.service.js';
import { DeletionPreviewController } from './deletion-preview.controller.js';
import { DeletionPreviewService } from './deletion-preview.service.js';
import { LinkAdmission } from './link-admission.js';
import { LinkPasswords } from './link-passwords.js';
import { LinkTally } from './link-tally.js';
import { LinksController } from './links.controller.js';
import { LinksService } from './links.service.js';
import { AssetsController } from './pages/assets.controller.js';
import { TicketAnswers } from './ticket-answers.js';
import { TicketsService } from './tickets.service.js';

/** Accesses, which an owner makes, and the links that strangers have from them. */
@Module({
  imports: [AccountsModule, FilesModule],
  controllers: [AccessesController, AssetsController, DeletionPreviewController, LinksController],
  providers: [
    AccessesService,
    AccessList,
    AccessOwnerGuard,
    AccessReplay,
    DeletionPreviewService,
    LinkAdmission,
    LinkPasswords,
    LinksService,
    LinkTally,
    TicketAnswers,
    TicketsService,
  ],
  exports: [AccessesService],
})
export class SharingModule {}
