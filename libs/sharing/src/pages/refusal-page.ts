import type { ErrorName } from '@app/contract';
import { html } from './html.js';
import { layOut, type Reader } from './layout.js';
import { EXPLAINED } from './words/words.js';

type Explained = (typeof EXPLAINED)[number];

/** Whoever meets one of these has an account or wants one, and goes on at the start. */
const TO_START = new Set<Explained>(['notFound', 'oidcFailed', 'oidcUnavailable', 'signUpClosed', 'identityTaken']);

/** An error that has no explanation of its own, by what it means to whoever reads it. */
const LIKE: Partial<Record<ErrorName, Explained>> = { fileNotFound: 'linkNotFound', invalidUrl: 'notFound' };

/**
 * Says what happened, what is still true and what to do.
 * @param requestId by which an admin finds it in the log
 */
export function refusalPage(reader: Reader, error: ErrorName, requestId: string): string {
  const { words, root } = reader;
  const name = LIKE[error] ?? EXPLAINED.find((explained) => explained === error) ?? 'fault';
  const { title, still, next } = words.explanations[name];
  return layOut(reader, {
    title,
    body: html`<h1>${title}</h1>
      <p>${still}</p>
      <p>${next}</p>
      ${TO_START.has(name) ? html`<p><a href="${root}">${words.toStart}</a></p>` : undefined}
      ${name === 'fault' ? html`<p class="soft">${words.request.replace('{id}', requestId)}</p>` : undefined}`,
  });
}
