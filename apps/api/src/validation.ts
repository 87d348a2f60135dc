import { ContractError } from '@app/contract';
import { type ValidationError, ValidationPipe } from '@nestjs/common';

/** Takes only what a DTO declares, as the type it declares; the error says what is wrong, for all that is wrong. */
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
      const details = Object.fromEntries(errors.map((error) => [error.property, messagesOf(error)]));
      const text = Object.values(details).flat().join('; ');
      return new ContractError('badRequest', { text, fields: { details } });
    },
  });
}

function messagesOf(error: ValidationError): string[] {
  return [...Object.values(error.constraints ?? {}), ...(error.children ?? []).flatMap(messagesOf)];
}
