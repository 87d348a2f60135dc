import { isText, TextLength } from '@app/http';

export const PASSWORD_LENGTH = { min: 8, max: 128 } as const;

/** Whether somebody may choose this password. */
export function isPassword(value: unknown): value is string {
  return isText(value, PASSWORD_LENGTH.min, PASSWORD_LENGTH.max);
}

/** Validates a property as a password that somebody may choose: 8 to 128 characters of any kind, taken whole. */
export function IsPassword(): PropertyDecorator {
  return TextLength(PASSWORD_LENGTH.min, PASSWORD_LENGTH.max);
}
