import { Module } from '@nestjs/common';
import { FilesModule } from '../files.module.js';
import { ArchiveController } from './archive.controller.js';
import { DeletionsController } from './deletions.controller.js';
import { FileOwnerGuard } from './file-owner.guard.js';
import { FilesController } from './files.controller.js';
import { MultipartUploads } from './multipart-uploads.js';
import { UploadReplay } from './upload-replay.js';
import { TusRequests } from './uploads/tus-requests.js';
import { UploadOwnerGuard } from './uploads/upload-owner.guard.js';
import { UploadsController } from './uploads/uploads.controller.js';

/** The routes of files: controllers, guards and the parsing of their requests. */
@Module({
  imports: [FilesModule],
  controllers: [ArchiveController, FilesController, UploadsController, DeletionsController],
  providers: [FileOwnerGuard, MultipartUploads, TusRequests, UploadOwnerGuard, UploadReplay],
  exports: [MultipartUploads],
})
export class FilesHttpModule {}
