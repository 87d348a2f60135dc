import { buildMessage, ValidateBy } from 'class-validator';

/** 3 to 32 characters that are safe as a folder's name on every system. Upper case is taken, and stored as lower case. */
const USERNAME = /^[a-z0-9](?:[a-z0-9._-]{1,30}[a-z0-9])$/i;

/** Windows takes these for devices, with any extension, so that a folder of this name could never be restored there. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

export const USERNAME_RULE =
  'must be 3 to 32 letters a-z, digits, dots, hyphens or underscores, begin and end with a letter or digit, and be no device name';

/** Whether somebody may have this user name, in whatever case it is written. */
export function isUsername(value: unknown): value is string {
  return typeof value === 'string' && USERNAME.test(value) && !DEVICE.test(value);
}

/** The one form in which a user name is stored, compared and counted. */
export function foldUsername(username: string): string {
  return username.toLowerCase();
}

/** Validates a property by the rule for user names. */
export function IsUsername(): PropertyDecorator {
  return ValidateBy({
    name: 'isUsername',
    validator: {
      validate: isUsername,
      defaultMessage: buildMessage((each) => `${each}$property ${USERNAME_RULE}`),
    },
  });
}
