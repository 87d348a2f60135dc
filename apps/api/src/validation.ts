import { ContractError } from '@app/contract';
import { OTHER_BODY } from '@app/http';
import { type ArgumentMetadata, type ValidationError, ValidationPipe } from '@nestjs/common';
import { NOT_JSON, refuseBody } from './json-body.js';

/** Errors that an answer lists; whoever has more wrong than that gets to know the rest when these are mended. */
const MOST_LISTED = 16;
/** Characters of a message: a name that nobody knows may be as long as a body. */
const LONGEST = 256;

/** Takes only what a DTO declares, as the type it declares; the error says what is wrong, for all that is wrong (the first few, if it is much). */
export function createValidationPipe(): ValidationPipe {
  return new RequestPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    transform: true,
    transformOptions: { enableImplicitConversion: false },
    stopAtFirstError: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const details = Object.fromEntries(
        errors.slice(0, MOST_LISTED).map((error) => [error.property.slice(0, LONGEST), messagesOf(error)]),
      );
      const text = Object.values(details).flat().join('; ');
      return new ContractError('badRequest', { text, fields: { details } });
    },
  });
}

/** Of jQuery (`_`), Ext JS (`_dc`) and others: they keep caches away and say nothing. */
const CACHE_KEY = /^_[a-z]{0,8}$/i;

class RequestPipe extends ValidationPipe {
  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') requireObject(value);
    // A route may also ask for a single key.
    const isQuery = metadata.type === 'query' && metadata.data === undefined;
    return super.transform(isQuery ? withoutCacheKeys(value as object) : value, metadata);
  }
}

/** Where every field may be left out, a form, a list or `null` would pass for an object without fields. */
function requireObject(body: unknown): void {
  if (body === undefined) return;
  if (body === OTHER_BODY) throw refuseBody(NOT_JSON);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw refuseBody('must be a JSON object');
}

/** Nest takes the key of a prototype away; whoever sends one gets no other answer than for any key that is not known. */
function withoutCacheKeys(query: object): object {
  if (Object.hasOwn(query, '__proto__')) throw new ContractError('badRequest');
  return Object.fromEntries(Object.entries(query).filter(([key]) => !CACHE_KEY.test(key)));
}

function messagesOf(error: ValidationError): string[] {
  const messages = [...Object.values(error.constraints ?? {}), ...(error.children ?? []).flatMap(messagesOf)];
  return messages.slice(0, MOST_LISTED).map((message) => message.slice(0, LONGEST));
}
