import { buildMessage, ValidateBy } from 'class-validator';

/** Half of a surrogate pair: it has no UTF-8 form, so that it would be stored and hashed as something else. */
const LONE_SURROGATE = /\p{Cs}/u;

/**
 * Validates a property as well-formed text of `min` to `max` Unicode code points, which is what a column of the database
 * counts. class-validator's own `Length` passes over variation selectors, and so lets through what does not fit.
 */
export function TextLength(min: number, max: number): PropertyDecorator {
  return ValidateBy({
    name: 'textLength',
    constraints: [min, max],
    validator: {
      validate: (value: unknown) => isText(value, min, max),
      defaultMessage: buildMessage((each) => `${each}$property must be text of ${min} to ${max} characters`),
    },
  });
}

/** Whether this is well-formed text of `min` to `max` Unicode code points. */
function isText(value: unknown, min: number, max: number): value is string {
  // The first comparison spares the count for texts that are too long anyway.
  if (typeof value !== 'string' || value.length > 2 * max || LONE_SURROGATE.test(value)) return false;
  const length = [...value].length;
  return length >= min && length <= max;
}
