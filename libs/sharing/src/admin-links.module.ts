import { Module } from '@nestjs/common';
import { AdoptedLinks } from './adopted-links.js';
import { AdminLinksService } from './admin-links.service.js';

/** What the command line has of sharing: no routes. */
@Module({ providers: [AdminLinksService, AdoptedLinks], exports: [AdminLinksService, AdoptedLinks] })
export class AdminLinksModule {}
