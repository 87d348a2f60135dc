import type { ContractError } from '@app/contract';
import type { Access } from '@app/database';
import { isForm, type PreparedAnswer, seenUrlOf } from '@app/http';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { PAGE_POLICY, type Reader, readerOf } from './layout.js';
import { linkPage, lockedPage } from './link-page.js';
import { isNavigation } from './person.js';
import { isPreview } from './previews.js';
import { refusalPage } from './refusal-page.js';

/** What a page needs to know of the request that it answers. */
export type PageRequest = Pick<FastifyRequest, 'raw' | 'method' | 'url' | 'headers' | 'params' | 'id'>;

/** Answers there are JSON, whoever asks; but to a log-in at an identity provider only people come. */
const FOR_PROGRAMS = /^\/(api(?!\/auth\/)|docs)(\/|\?|$)/;
const LINK = /^\/link\//;

/**
 * Whether a request is to be answered with a page: a person has gone there with a browser, or pressed a page's button
 * without script, or a program that shows links looks at one. Everybody else gets bytes or JSON, as ever.
 */
export function wantsPage({ method, url, headers }: PageRequest): boolean {
  if (FOR_PROGRAMS.test(url)) return false;
  if (method === 'POST') return LINK.test(url) && isForm(headers);
  if (method !== 'GET' && method !== 'HEAD') return false;
  return isNavigation(headers) || (LINK.test(url) && isPreview(headers['user-agent']));
}

/** The handler's parameter that says for whom a page is to be made; none where none is wanted. */
export const PageReader = createParamDecorator((_: unknown, context: ExecutionContext): Reader | undefined => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return wantsPage(request) ? readerOf(seenUrlOf(request.raw), request.headers['accept-language']) : undefined;
});

/** The page of a link that works. */
export function linkPageAnswer(reader: Reader, access: Access): PreparedAnswer {
  return page(reader, 200, linkPage(reader, access));
}

/** What a person is told instead of an error of the catalogue: why, or what is still needed. */
export function errorPageAnswer(request: PageRequest, error: ContractError): PreparedAnswer {
  const reader = readerOf(seenUrlOf(request.raw), request.headers['accept-language']);
  const { errorName: name } = error;
  const locked = name === 'linkPasswordNeeded' || name === 'linkPasswordWrong';
  const { hash = '' } = request.params as { hash?: string };
  const text = locked ? lockedPage(reader, hash, name === 'linkPasswordWrong') : refusalPage(reader, name, request.id);
  return page(reader, error.getStatus(), text, error.headers);
}

function page(
  { language }: Reader,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): PreparedAnswer {
  const body = Buffer.from(text);
  return {
    status,
    headers: {
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'content-length': body.length,
      'content-language': language,
      'content-security-policy': PAGE_POLICY,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}
