import { randomBytes } from 'node:crypto';
import type { Client } from '../../support/client.js';
import type { Outcome } from './ledger.js';

/** Bytes that no other attempt has. */
export function uniqueBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(Math.max(size, 16));
  bytes.set(randomBytes(16));
  return bytes;
}

/** The head of an upload of `length` bytes, and the first few of its bytes. */
export function uploadHead(token: string, name: string, length: number): string {
  return (
    `POST /api/upload HTTP/1.1\r\nHost: drive\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: multipart/form-data; boundary=b\r\nContent-Length: ${length}\r\n\r\n` +
    `--b\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\nsome`
  );
}

export type Answer = Awaited<ReturnType<Client['get']>>;

/** What an answer says of the change that was asked for. */
export async function outcomeOf(
  request: Promise<Answer>,
  special: (answer: Answer) => Outcome | undefined = () => undefined,
): Promise<Outcome> {
  try {
    const answer = await request;
    if (answer.status === 200) return 'acknowledged';
    return special(answer) ?? (answer.status < 500 || answer.status === 507 ? 'refused' : 'unknown');
  } catch {
    return 'unknown';
  }
}
