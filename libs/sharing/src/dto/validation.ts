import { byFault } from '@app/http';
import { ValidateBy, type ValidationArguments } from 'class-validator';
import { parseAddress, parseNetwork } from '../addresses.js';

/** Entries in a list of an access. */
export const MAX_ENTRIES = 100;
/** Characters of a bad entry that its error repeats. */
const SHOWN = 64;

/** A list of at most 100 IP addresses of either family; the error names the entry that is none. */
export const IsAddressList = (): PropertyDecorator => isList('IP address', parseAddress);

/** A list of at most 100 networks in CIDR notation; the error names the entry that is none. */
export const IsNetworkList = (): PropertyDecorator => isList('network in CIDR notation', parseNetwork);

export const IsAddress = (): PropertyDecorator =>
  ValidateBy({
    name: 'isAddress',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && parseAddress(value) !== undefined,
      defaultMessage: ({ property }: ValidationArguments) => `${property} must be an IP address`,
    },
  });

function isList(what: string, parse: (text: string) => string | undefined): PropertyDecorator {
  return byFault('isList', (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length > MAX_ENTRIES) return `must have at most ${MAX_ENTRIES} entries`;
    const bad = value.find((entry: unknown) => typeof entry !== 'string' || parse(entry) === undefined);
    return bad === undefined ? undefined : `has an entry that is no ${what}: ${JSON.stringify(bad).slice(0, SHOWN)}`;
  });
}
