import { createHash } from 'node:crypto';
import { ContractError } from '@app/contract';

/** Bytes in UTF-8: what common file systems hold. */
const MAX_BYTES = 255;
/** Bytes as a name is sent; NFC can make them a third. Beyond, to normalize takes a time that grows with their square. */
const MAX_RAW_BYTES = 4 * MAX_BYTES;

/** Characters that some file system, shell or URL takes for something else. */
const RESERVED = /[/\\:*?"<>|]/;
/** Control, format (bidi, zero-width, soft hyphen, BOM), private, unassigned and separator characters: invisible, so they can deceive. */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0\u034F\u17B4\u17B5\u180B-\u180D\uFE00-\uFE0E]|[^\P{Zs} ]/u;
/** Joins emoji and is needed in some scripts; legal only between two visible characters. */
const JOINERS = /(?<=[^\s.])\u200D(?=[^\s.])/gu;
const DEVICES = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$|clock\$)(?:\.|$)/i;

/**
 * Judges the name of a file as the client sent it: never decoded, never shortened.
 * @returns the name in NFC
 * @throws ContractError invalidFileName
 */
export function parseFileName(raw: string): string {
  if (Buffer.byteLength(raw) > MAX_RAW_BYTES) throw new ContractError('invalidFileName');
  if (!raw.isWellFormed() || raw.includes('\uFFFD')) throw new ContractError('invalidFileName');
  const name = raw.normalize('NFC');
  const bytes = Buffer.byteLength(name);
  const legal =
    bytes >= 1 &&
    bytes <= MAX_BYTES &&
    !RESERVED.test(name) &&
    !INVISIBLE.test(name.replace(JOINERS, '')) &&
    !name.startsWith('.') &&
    !name.endsWith('.') &&
    name === name.trim() &&
    !DEVICES.test(name);
  if (!legal) throw new ContractError('invalidFileName');
  return name;
}

/** The name without case and in one Unicode form. Upper before lower: only both together fold pairs such as ß and SS. */
export function foldName(name: string): string {
  return name.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFC');
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
