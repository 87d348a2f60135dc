import type { Access, File } from '@app/database';
import { remainingUses } from '../access-policy.js';
import { bytesIn, countIn, momentIn } from './formats.js';
import { html, type Html } from './html.js';
import { layOut, type Reader } from './layout.js';

/** Longer ones do not fit the mark, and say little. */
const SHORT_EXTENSION = 4;

/** What a stranger with a link that works is shown: the file, what limits the link, and the button that takes a use. */
export function linkPage(reader: Reader, access: Access): string {
  const { words, language } = reader;
  const { file } = access;
  const size = bytesIn(language, file.size);
  const left = remainingUses(access);
  return layOut(reader, {
    title: file.name,
    head: preview(file, `${words.shared} · ${size}`),
    body: html`${markOf(file)}
      <p class="above">${words.shared}</p>
      <h1><bdi>${file.name}</bdi></h1>
      <dl>
        ${fact(words.size, size)}
        ${left === null ? undefined : fact(words.usesLeft, countIn(language, words.times, left))}
        ${access.expiresAt === null ? undefined : fact(words.openUntil, timeOf(reader, access.expiresAt))}
      </dl>
      ${useForm(reader, access.link)}
      <p class="soft">${left === null ? words.resumable : words.takesOne}</p>
      <details>
        <summary>${words.checksum}</summary>
        <code dir="ltr">${file.sha256}</code>
      </details>`,
  });
}

/**
 * What stands before a link with a password. It names nothing of the file.
 * @param wrong whether a password was given, which is not the one
 */
export function lockedPage(reader: Reader, link: string, wrong: boolean): string {
  const { words } = reader;
  const field = html`<label for="password">${words.password}</label>
    <input
      id="password"
      name="password"
      type="password"
      autocomplete="off"
      required
      autofocus${wrong ? html` aria-invalid="true"` : undefined}
      aria-describedby="wrong"
    />
    <p id="wrong" class="bad" role="alert" data-wrong${wrong ? undefined : html` hidden`}>${words.wrongPassword}</p>`;
  return layOut(reader, {
    title: words.locked,
    body: html`<h1>${words.locked}</h1>
      <p>${words.lockedHint}</p>
      ${useForm(reader, link, field)}
      <p class="soft">${words.resumable}</p>`,
  });
}

function useForm({ root, words }: Reader, link: string, fields?: Html): Html {
  return html`<form method="post" action="${root}link/${link}/use">
      ${fields}
      <button type="submit">${words.download}</button>
    </form>
    <div data-done tabindex="-1" hidden>
      <p>${words.started}</p>
      <p><a href="">${words.again}</a></p>
      <p class="soft" data-until>${words.until}</p>
    </div>`;
}

function fact(name: string, value: string | Html): Html {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}

function timeOf({ language }: Reader, time: number): Html {
  return html`<time datetime="${new Date(time).toISOString()}">${momentIn(language, time)}</time>`;
}

function markOf({ extension }: File): Html {
  const text = extension.length <= SHORT_EXTENSION ? extension.toUpperCase() : '';
  return html`<p class="mark" aria-hidden="true">${text || '↓'}</p>`;
}

/** What a chat shows of the link. */
function preview({ name }: File, description: string): Html {
  return html`<meta property="og:title" content="${name}" />
    <meta property="og:description" content="${description}" />
    <meta property="og:site_name" content="DefDrive" /> `;
}
