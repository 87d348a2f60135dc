import { ContractError } from '@app/contract';

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Header lines of one part. */
const MOST_LINES = 20;
const HEADER = /^([!#$%&'*+.^_`|~\w-]+)[ \t]*:(.*)$/s;
/** `; name=value`, with the value in quotation marks or without. Real clients also leave blanks unquoted. */
const PARAMETER = /;\s*([^\s=;"]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"\s*(?=;|$)|([^;]*))/gs;
const EXTENDED = /^([^']*)'[^']*'(.*)$/s;
/** Whoever encodes the bytes of a file would have us store something else than the file. */
const ENCODED = /^(?:base64|quoted-printable)$/i;

/** What the headers of a part say (RFC 7578). */
export interface PartHead {
  /** The form's field. */
  readonly field: string;
  /** As the client sent it, and where it sent two forms the better one (RFC 6266, 4.3); none for a plain field. */
  readonly fileName: string | undefined;
}

/** A body that is no form, or one whose parts nobody can tell apart. */
export class MalformedFormError extends Error {
  override readonly name = 'MalformedFormError';
}

/**
 * Reads the headers of a part.
 * @param head all lines, without the empty one at the end
 * @throws MalformedFormError for a part without `Content-Disposition: form-data; name=…`, which RFC 7578 (4.2) demands of
 * each: most likely it is none, but a piece of a file that contains the boundary
 * @throws ContractError invalidFileName for one that is not UTF-8
 */
export function parsePartHead(head: Buffer): PartHead {
  const headers = parseHeaders(head.toString('latin1'));
  if (ENCODED.test(headers.get('content-transfer-encoding') ?? '')) {
    throw new MalformedFormError('has a part that is encoded: send its bytes as they are');
  }
  const disposition = headers.get('content-disposition') ?? '';
  if (!/^form-data\s*(?:;|$)/i.test(disposition))
    throw new MalformedFormError(
      'has a part without Content-Disposition: form-data; a file that contains the boundary looks like this',
    );
  const parameters = parseParameters(disposition);
  const field = parameters.get('name');
  if (field === undefined) throw new MalformedFormError('has a part without a name');
  return { field, fileName: fileNameOf(parameters) };
}

/**
 * Reads the parameters of a header. Of two with one name the first counts.
 * @param value in Latin-1: each character is a byte
 */
export function parseParameters(value: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of value.matchAll(PARAMETER)) {
    // Only these two are escaped: a backslash before anything else is one, as old browsers send it.
    const text = quoted === undefined ? plain.trim() : quoted.replace(/\\(["\\])/g, '$1');
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), text);
  }
  return parameters;
}

function parseHeaders(head: string): Map<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  if (lines.length > MOST_LINES) throw new MalformedFormError('has a part with too many headers');
  return new Map(
    lines.map((line) => {
      const [, name, value] = HEADER.exec(line) ?? [];
      if (name === undefined) throw new MalformedFormError('has a part with a header that is none');
      return [name.toLowerCase(), value!.trim()];
    }),
  );
}

function fileNameOf(parameters: Map<string, string>): string | undefined {
  const better = extended(parameters.get('filename*'));
  if (better !== undefined) return better;
  const plain = parameters.get('filename');
  if (plain === undefined) return undefined;
  return decodeText(Buffer.from(plain, 'latin1'));
}

/** @throws ContractError invalidFileName for what is not UTF-8: a name with replaced characters would be another one */
export function decodeText(bytes: Buffer): string {
  const text = utf8(bytes);
  if (text !== undefined) return text;
  throw new ContractError('invalidFileName', { fields: { details: { name: ['is not UTF-8'] } } });
}

/** RFC 8187. Real clients leave more characters unencoded than it allows. @returns undefined for what cannot be read */
function extended(value: string | undefined): string | undefined {
  const [, charset = '', encoded = ''] = EXTENDED.exec(value ?? '') ?? [];
  if (/%(?![0-9a-f]{2})/i.test(encoded)) return undefined;
  const bytes = encoded.replace(/%(..)/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  if (/^utf-8$/i.test(charset)) return utf8(Buffer.from(bytes, 'latin1'));
  return /^iso-8859-1$/i.test(charset) ? bytes : undefined;
}

/** @returns undefined for what is not UTF-8 */
function utf8(bytes: Buffer): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
