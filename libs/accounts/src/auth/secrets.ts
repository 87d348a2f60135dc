import { hash, randomBytes } from 'node:crypto';

/** Bytes: 256 bits cannot be guessed, so that a plain hash of them is as good as a slow one. */
const SECRET_BYTES = 32;

/** A new secret, in base64url: 43 characters. */
export function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString('base64url');
}

/** What is stored of a secret, and by what it is found: who reads the database cannot use it. Hex. */
export function secretHash(secret: string): string {
  return hash('sha256', secret);
}
