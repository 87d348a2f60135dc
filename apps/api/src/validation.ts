import { ContractError } from '@app/contract';
import { type ValidationError, ValidationPipe } from '@nestjs/common';

/** Errors that an answer lists; whoever has more wrong than that gets to know the rest when these are mended. */
const MOST_LISTED = 16;
/** Characters of a message: a name that nobody knows may be as long as a body. */
const LONGEST = 256;

/** Takes only what a DTO declares, as the type it declares; the error says what is wrong, for all that is wrong (the first few, if it is much). */
export function createValidationPipe(): ValidationPipe {
  return new ValidationPipe({
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

function messagesOf(error: ValidationError): string[] {
  const messages = [...Object.values(error.constraints ?? {}), ...(error.children ?? []).flatMap(messagesOf)];
  return messages.slice(0, MOST_LISTED).map((message) => message.slice(0, LONGEST));
}
