import { ValidateBy, ValidateIf, type ValidationArguments } from 'class-validator';
import { parseTime } from './time.js';

/** A field that may be left out. Unlike `IsOptional` this does not let `null` pass. */
export const IfGiven = (): PropertyDecorator => ValidateIf((_, value) => value !== undefined);

/** @param when `future`: only what is still to come; `null` stands for never and is left to the caller */
export function IsTime(when: 'any' | 'future' = 'any'): PropertyDecorator {
  const fault = (value: unknown): string | undefined => {
    const time = typeof value === 'string' ? parseTime(value) : undefined;
    if (time === undefined) return 'must be a date and time as in RFC 3339, such as 2030-01-31T12:00:00Z';
    return when === 'future' && time <= Date.now() ? 'must be in the future' : undefined;
  };
  return byFault('isTime', fault);
}

/**
 * Validates a property by a function of ours.
 * @param fault says what is wrong with a value, as it goes on behind the property's name; none: nothing
 */
export function byFault(name: string, fault: (value: unknown) => string | undefined): PropertyDecorator {
  return ValidateBy({
    name,
    validator: {
      validate: (value: unknown) => fault(value) === undefined,
      defaultMessage: ({ property, value }: ValidationArguments) => `${property} ${fault(value) ?? 'is invalid'}`,
    },
  });
}
