import { createHash } from 'node:crypto';
import { ContractError } from '@app/contract';

/** Bytes in UTF-8: what common file systems hold. */
const MAX_BYTES = 255;
/** Bytes as a name is sent; NFC can make them a third. Beyond, to normalize takes a time that grows with their square. */
const MAX_RAW_BYTES = 4 * MAX_BYTES;

/** A reason to refuse a name, as the answer's `details` give it. */
type Rule = readonly [reason: string, breaks: (name: string) => boolean];

/**
 * Only what breaks a path, deceives the eye, or cannot be told from a name that was damaged on its way. Everything else
 * that systems and languages write is a name: spaces of every kind within it, joiners, dot files, `CON.txt`, `What?.txt`.
 */
const RULES: readonly Rule[] = [
  ['is not well-formed Unicode, or was damaged on its way (U+FFFD)', (name) => /\p{Cs}|\uFFFD/u.test(name)],
  ['is empty', (name) => name === ''],
  ['has a / or \\, which separates folders, and there are none', (name) => /[/\\]/.test(name)],
  ['has a control character, or a line or paragraph separator', (name) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(name)],
  ['has a character that turns the direction of the text', (name) => /[\u202A-\u202E\u2066-\u2069]/.test(name)],
  ['has a character that cannot be seen', (name) => /[\u200B\u2060-\u2064\uFEFF]/.test(name)],
  ['begins or ends with white space', (name) => name !== name.trim()],
  ['is what a directory calls itself or its parent', (name) => /^\.{1,2}$/.test(seen(name))],
  ['has nothing that can be seen', (name) => name !== '' && seen(name) === ''],
];

/**
 * Judges the name of a file as the client sent it: never decoded, never shortened.
 * @param maxBytes what the storage holds
 * @returns the name in NFC
 * @throws ContractError invalidFileName, whose details say why
 */
export function parseFileName(raw: string, maxBytes = MAX_BYTES): string {
  if (Buffer.byteLength(raw) > MAX_RAW_BYTES) throw refusal([tooLong(Buffer.byteLength(raw), maxBytes)]);
  const name = raw.normalize('NFC');
  const reasons = RULES.filter(([, breaks]) => breaks(name)).map(([reason]) => reason);
  const bytes = Buffer.byteLength(name);
  if (bytes > maxBytes) reasons.push(tooLong(bytes, maxBytes));
  if (reasons.length > 0) throw refusal(reasons);
  return name;
}

/**
 * The name without case, in one Unicode form and without what is not seen, so that look-alikes are one name.
 * Upper before lower: only both together fold pairs such as ß and SS.
 */
export function foldName(name: string): string {
  return seen(name.normalize('NFKC')).toUpperCase().toLowerCase().normalize('NFC');
}

/** What a name is compared by within its owner's folder: SHA-256 in hex of the folded name, which may be longer than an index holds. */
export function nameKey(foldedName: string): string {
  return createHash('sha256').update(foldedName).digest('hex');
}

/** Lower case, without the dot; empty where there is none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Without joiners, selectors, fillers and whatever else a font may leave out. */
function seen(name: string): string {
  return name.replace(/\p{Default_Ignorable_Code_Point}/gu, '');
}

function tooLong(bytes: number, maxBytes: number): string {
  return `has ${bytes} bytes in UTF-8, and the storage holds ${maxBytes}`;
}

function refusal(reasons: string[]): ContractError {
  return new ContractError('invalidFileName', { fields: { details: { name: reasons } } });
}
