import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SessionCookie } from '@app/accounts';
import { AppConfig } from '@app/config';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ToldAhead } from './told-ahead.js';

/** Where the build puts the page, below the root of the project. */
const BUILT = 'dist/apps/web';

/**
 * What the page may do: nothing but talk to this server. `svelte-trusted-html` makes the page's own templates,
 * `defdrive-worker` names its service worker.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types svelte-trusted-html defdrive-worker',
].join('; ');

/** The page for people, as `apps/web` builds it: one document for every screen. */
@Injectable()
export class Page {
  /** Where its files are; undefined where it is switched off (`WEB=off`) or not built. */
  readonly directory: string | undefined;
  /** Paths of its screens, as patterns of the router, which the page itself goes by, too. */
  readonly screens: readonly string[];
  private readonly html: string;
  private readonly ahead: ToldAhead;

  constructor(
    config: AppConfig,
    private readonly cookie: SessionCookie,
  ) {
    const directory = config.web === 'on' ? findPage() : undefined;
    if (config.web === 'on' && !directory) new Logger(Page.name).warn('The page is not built: run `npm run build`');
    this.directory = directory;
    this.screens = directory ? (JSON.parse(readFileSync(join(directory, 'screens.json'), 'utf8')) as string[]) : [];
    // What the page must know before anybody is logged in, so that it need not ask.
    const html = directory ? readFileSync(join(directory, 'index.html'), 'utf8') : '';
    this.html = html.replace('<html ', () => `<html ${knownToAll(config)} `);
    this.ahead = new ToldAhead(html);
  }

  /**
   * Sends the document. Its addresses are relative to the depth of the one that was asked for, so that it works below
   * any path under which a proxy puts the drive.
   */
  send(request: FastifyRequest, reply: FastifyReply, status = 200): FastifyReply {
    const [path = ''] = request.url.split('?');
    const depth = path.split('/').length - 2;
    const up = depth > 0 ? '../'.repeat(depth) : './';
    // Where no session's cookie came along there may be one all the same: other sites' links bring none.
    const known = this.cookie.read(request) !== undefined;
    const html = known ? this.html.replace('<html ', '<html data-known ') : this.html;
    return reply
      .code(status)
      .headers({
        'content-type': 'text/html; charset=utf-8',
        'cache-control': 'no-cache',
        'content-security-policy': POLICY,
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        link: this.ahead.header(known, path === '/', up),
      })
      .send(html.replaceAll('"./', `"${up}`));
  }
}

/** What nobody has to be logged in to know: whether there are new accounts, and by whom else one can log in. */
function knownToAll({ signUp, oidcIssuer, oidcName }: AppConfig): string {
  const name = oidcIssuer && (oidcName ?? new URL(oidcIssuer).host);
  return `data-sign-up="${signUp}"${name ? ` data-provider="${escaped(name)}"` : ''}`;
}

/** Text as the value of an attribute. */
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');

/** The built page beside this program, which runs from `dist` or, in tests, from its source. */
function findPage(): string | undefined {
  for (let place = import.meta.dirname; place !== dirname(place); place = dirname(place)) {
    const directory = join(place, BUILT);
    if (existsSync(join(directory, 'index.html'))) return directory;
  }
  return undefined;
}
