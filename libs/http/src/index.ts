export { Client, type RequestClient } from './client.decorator.js';
export { deferContinue, expectBody, isWaiting } from './expect-continue.js';
export { JsonBodyGuard } from './json-body.guard.js';
export { limitOf, type Page, pageOf, PageQuery, readCursor } from './pages.js';
export { parseId } from './parse-id.js';
export { isText, TextLength } from './text-length.decorator.js';
export { type PouredStream, type PreparedAnswer, sendPrepared } from './prepared-answer.js';
export { networkOf } from './throttling/network-of.js';
export { RateLimit } from './throttling/rate-limit.js';
