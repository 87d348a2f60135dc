import { TextLength } from '@app/http';

export const PASSWORD_LENGTH = { min: 8, max: 128 } as const;

/** In words, for who is about to choose one. */
export const PASSWORD_RULE = `${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters`;

/** Validates a property as a password that somebody may choose: 8 to 128 characters of any kind, taken whole. */
export function IsPassword(): PropertyDecorator {
  return TextLength(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max);
}
