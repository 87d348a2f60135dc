import { randomBytes } from 'node:crypto';

/** Object that carries the storage's id. Keys of blobs begin with an owner's name, which never begins with a dot. */
export const IDENTITY = '.defdrive';
/** What is known of unfinished uploads that may be gone on with: `.uploads/<upload id>/<bytes that are durable>`. */
export const UPLOADS = '.uploads/';
/** Objects that are made to see whether they can be. */
export const PROBES = '.probes/';
/** `.quarantine/<date>/<key>` */
export const QUARANTINE = '.quarantine/';

const KEY = /^[^./][^/]*\/[0-9a-f]{32}\/[^/]+$/;

/** The key of a new file, `<owner>/<32 random hex digits>/<name>`: no other file will ever have it. */
export function newKey(owner: string, name: string): string {
  return `${owner}/${randomBytes(16).toString('hex')}/${name}`;
}

export function isKey(text: string): boolean {
  return KEY.test(text);
}

export function stateName(uploadId: number, offset: number): string {
  return `${UPLOADS}${uploadId}/${offset}`;
}

/** How many bytes of its upload a state belongs to. */
export function offsetOf(stateKey: string): number {
  return Number(stateKey.slice(stateKey.lastIndexOf('/') + 1));
}
