import { ICON_NAME, SCRIPT_NAME, STYLE_NAME } from './assets.js';
import { html, Html } from './html.js';
import { directionOf, type Language, languageOf, wordsOf } from './words/languages.js';
import type { Words } from './words/words.js';

/** Whom a page is for, and where it stands. */
export interface Reader {
  readonly language: Language;
  readonly words: Words;
  /** Leads from the page to the root of the drive, e.g. `../`: also below a path under which a proxy puts the drive. */
  readonly root: string;
}

/** @param url path and query of the request, as its reader sees them */
export function readerOf(url: string, acceptLanguage: string | undefined): Reader {
  const language = languageOf(acceptLanguage);
  const depth = (url.split('?')[0] ?? '').split('/').length - 2;
  return { language, words: wordsOf(language), root: depth > 0 ? '../'.repeat(depth) : './' };
}

interface Sheet {
  readonly title: string;
  readonly body: Html;
  /** What goes into the head besides. */
  readonly head?: Html;
}

/** Nothing from elsewhere, nothing inline, no frame; a form leads only to this server. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

export function layOut({ language, root }: Reader, { title, body, head }: Sheet): string {
  const assets = `${root}link/assets/`;
  return html`<!doctype html>
    <html lang="${language}" dir="${directionOf(language)}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex, nofollow" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} – DefDrive</title>
        <link rel="icon" href="${assets}${ICON_NAME}" type="image/svg+xml" />
        <link rel="stylesheet" href="${assets}${STYLE_NAME}" />
        <script src="${assets}${SCRIPT_NAME}" defer></script>
        ${head}
      </head>
      <body>
        <main>
          <div class="sheet">${body}</div>
        </main>
        <footer>DefDrive</footer>
      </body>
    </html> `.text;
}
