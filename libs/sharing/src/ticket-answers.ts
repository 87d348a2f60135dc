import { AppConfig } from '@app/config';
import type { PreparedAnswer } from '@app/http';
import { Injectable } from '@nestjs/common';
import type { UsedLinkBody } from './dto/use-link.dto.js';
import type { NewTicket } from './tickets.service.js';

/** Tells whoever has taken a use where its bytes are. */
@Injectable()
export class TicketAnswers {
  /** What the path of every address begins with, where a proxy puts the drive below one. */
  private readonly base: string;

  constructor({ publicUrl }: AppConfig) {
    this.base = new URL(publicUrl).pathname.replace(/\/$/, '');
  }

  toProgram(hash: string, { secret, expiresAt }: NewTicket): PreparedAnswer {
    const answer: UsedLinkBody = {
      content: `${this.base}/link/${hash}/content?ticket=${secret}`,
      expiresAt: new Date(expiresAt).toISOString(),
    };
    const body = Buffer.from(JSON.stringify(answer));
    const headers = { 'content-type': 'application/json; charset=utf-8', 'content-length': body.length };
    return { status: 200, headers, body };
  }

  /** A browser goes there by itself, and stays on the page while it downloads. */
  toForm({ secret }: NewTicket): PreparedAnswer {
    const headers = { location: `content?ticket=${secret}`, 'content-length': 0, 'referrer-policy': 'no-referrer' };
    return { status: 303, headers };
  }
}
