import { Public } from '@app/accounts';
import { ApiContent, ApiContentHead, Wanted, type WantedContent } from '@app/files';
import { DuringMaintenance, FormBodyGuard, type PreparedAnswer, sendPrepared } from '@app/http';
import { Body, Controller, Get, Head, HttpCode, Param, Post, Query, Res, UseGuards } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiOkResponse, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ApiLink, ApiTicket } from './api-link.js';
import { UsedLinkBody, UseLinkDto } from './dto/use-link.dto.js';
import { LinksService } from './links.service.js';
import type { Reader } from './pages/layout.js';
import { linkPageAnswer, PageReader } from './pages/pages.js';
import { TicketAnswers } from './ticket-answers.js';
import { FromVisitor, type Visitor } from './visitor.decorator.js';

const PAGES =
  "A person's browser that goes to it, and a program that shows links, get a page, which takes no use and whose button does.";

/** Who has the link has the access: no token is asked for, and no cookie is looked at. */
@ApiTags('links')
@Public()
@DuringMaintenance()
@Controller('link/:hash')
export class LinksController {
  constructor(
    private readonly links: LinksService,
    private readonly answers: TicketAnswers,
  ) {}

  @Head()
  @ApiLink('Ask for the headers of a shared file', 'Takes no use.')
  @ApiContentHead()
  async downloadHead(
    @Param('hash') hash: string,
    @FromVisitor() visitor: Visitor,
    @Wanted() wanted: WantedContent,
    @PageReader() reader: Reader | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await answerOf(this.links, hash, visitor, wanted, reader));
  }

  @Get()
  @ApiLink(
    'Download a shared file',
    `A link whose uses are limited always sends the whole file; one without a limit can be resumed and revalidated, and what does not begin with the first byte is no further use. ${PAGES}`,
    'linkWholeOnly',
  )
  @ApiContent()
  async download(
    @Param('hash') hash: string,
    @FromVisitor() visitor: Visitor,
    @Wanted() wanted: WantedContent,
    @PageReader() reader: Reader | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await answerOf(this.links, hash, visitor, wanted, reader));
  }

  @Post('use')
  @HttpCode(200)
  @UseGuards(FormBodyGuard)
  @ApiLink(
    'Use a link, to download it in parts',
    'Takes one use, and gives an address where the bytes are to be had for 24 hours, with ranges and resume.',
    'badRequest',
    'invalidBody',
    'bodyTooLarge',
  )
  @ApiConsumes('application/json', 'application/x-www-form-urlencoded')
  @ApiBody({ type: UseLinkDto, required: false })
  @ApiOkResponse({ type: UsedLinkBody })
  @ApiResponse({ status: 303, description: 'To a plain form: the address, in Location' })
  async use(
    @Param('hash') hash: string,
    @Body() { password }: UseLinkDto,
    @FromVisitor() visitor: Visitor,
    @PageReader() reader: Reader | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const ticket = await this.links.use(hash, visitor, password);
    sendPrepared(reply, reader ? this.answers.toForm(ticket) : this.answers.toProgram(hash, ticket));
  }

  @Head('content')
  @ApiTicket('Ask for the headers of a file of which you have a use')
  @ApiContentHead()
  async contentHead(
    @Param('hash') hash: string,
    @Query('ticket') ticket: unknown,
    @FromVisitor() visitor: Visitor,
    @Wanted() wanted: WantedContent,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.links.answerTicket(hash, ticket, visitor, wanted));
  }

  @Get('content')
  @ApiTicket('Download a file, or a part of it, of which you have a use')
  @ApiContent()
  async content(
    @Param('hash') hash: string,
    @Query('ticket') ticket: unknown,
    @FromVisitor() visitor: Visitor,
    @Wanted() wanted: WantedContent,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    sendPrepared(reply, await this.links.answerTicket(hash, ticket, visitor, wanted));
  }
}

async function answerOf(
  links: LinksService,
  hash: string,
  visitor: Visitor,
  wanted: WantedContent,
  reader: Reader | undefined,
): Promise<PreparedAnswer> {
  if (reader) return linkPageAnswer(reader, await links.look(hash, visitor));
  return links.answer(hash, visitor, wanted);
}
