import { ContractError } from '@app/contract';
import type { FastifyRequest } from 'fastify';
import { Checksum, CHECKSUM_ALGORITHMS } from '../../uploads/checksum.js';
import type { AnnouncedUpload } from '../../uploads/uploads.service.js';

/** The tus protocol, as far as it is headers: https://tus.io/protocols/resumable-upload */
export const TUS_VERSION = '1.0.0';
const TUS_EXTENSIONS = ['creation', 'creation-with-upload', 'expiration', 'termination', 'checksum'];
export const PART_TYPE = 'application/offset+octet-stream';

/** What a server tells of itself. @param maxSize bytes of the largest file */
export function tusOptions(maxSize: number): Record<string, string> {
  return {
    'tus-version': TUS_VERSION,
    'tus-extension': TUS_EXTENSIONS.join(','),
    'tus-checksum-algorithm': CHECKSUM_ALGORITHMS.join(','),
    ...(maxSize < Number.MAX_SAFE_INTEGER ? { 'tus-max-size': String(maxSize) } : {}),
  };
}

/** Bytes of `Upload-Metadata`, which is kept. */
const METADATA_LIMIT = 4096;

/** @throws ContractError tusVersion: what another version means is not ours to guess */
export function assertVersion({ headers }: FastifyRequest): void {
  if (headers['tus-resumable'] === TUS_VERSION) return;
  throw new ContractError('tusVersion', { headers: { 'tus-version': TUS_VERSION } });
}

/** @throws ContractError invalidUpload with what is wrong */
export function readAnnouncement({ headers }: FastifyRequest): AnnouncedUpload {
  if (headers['upload-defer-length'] !== undefined) {
    throw invalid('Upload-Defer-Length is not supported: give Upload-Length');
  }
  if (headers['upload-concat'] !== undefined) {
    throw invalid('Upload-Concat is not supported: upload a file in one piece, part after part');
  }
  const length = readCount(headers['upload-length'], 'Upload-Length');
  const metadata = String(headers['upload-metadata'] ?? '');
  return { name: readName(metadata), length, metadata };
}

/** @throws ContractError invalidUpload */
export function readOffset({ headers }: FastifyRequest): number {
  return readCount(headers['upload-offset'], 'Upload-Offset');
}

/** @throws ContractError checksumUnsupported, invalidUpload */
export function readChecksum({ headers }: FastifyRequest): Checksum | undefined {
  const header = headers['upload-checksum'];
  return header === undefined ? undefined : Checksum.parse(String(header));
}

/** Whether the request has a body, be it of unknown length. */
export function hasBody({ headers }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** @throws ContractError uploadContentType */
export function assertPartType({ headers }: FastifyRequest): void {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== PART_TYPE) throw new ContractError('uploadContentType');
}

/** `filename` by the protocol's own example; `name` as some clients call it. */
function readName(metadata: string): string {
  const pairs = readMetadata(metadata);
  const encoded = pairs.get('filename') ?? pairs.get('name');
  if (encoded === undefined) {
    throw invalid('Upload-Metadata must hold the name of the file: filename and its name in Base64');
  }
  return Buffer.from(encoded, 'base64').toString();
}

/** Keys and their values in Base64. */
function readMetadata(metadata: string): Map<string, string> {
  if (Buffer.byteLength(metadata) > METADATA_LIMIT) throw invalid('Upload-Metadata is too long');
  const pairs = new Map<string, string>();
  for (const pair of metadata === '' ? [] : metadata.split(',')) {
    const [key = '', value = '', ...more] = pair.trim().split(' ');
    const isBase64 = /^[A-Za-z0-9+/]*={0,2}$/.test(value) && value.length % 4 === 0;
    if (key === '' || more.length > 0 || !isBase64 || pairs.has(key)) throw invalid('Upload-Metadata is malformed');
    pairs.set(key, value);
  }
  return pairs;
}

function readCount(header: string | string[] | undefined, name: string): number {
  const count = typeof header === 'string' && /^\d{1,16}$/.test(header) ? Number(header) : NaN;
  if (!Number.isSafeInteger(count)) throw invalid(`${name} must be a whole number of bytes`);
  return count;
}

function invalid(text: string): ContractError {
  return new ContractError('invalidUpload', { text });
}
