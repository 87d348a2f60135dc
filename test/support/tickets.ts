import { expect } from 'vitest';
import type { Drive } from './drive.js';
import { follow } from './sharing.js';

/** Of a file that is read in parts. */
export const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 251));

/** Presses the button of a link. */
export const use = (link: string, init: RequestInit = {}) => follow(`${link}/use`, { method: 'POST', ...init });
export const json = ({ bytes: body }: { bytes: Buffer }) => JSON.parse(body.toString());

export function ticketsIn(drive: Drive) {
  return drive.probe.rows<{ accessId: number; expiresAt: number; secretHash: string }>('SELECT * FROM tickets');
}

/** Takes a use, and gives the address of its bytes. */
export async function ticketOf(link: string): Promise<string> {
  const answer = await use(link);
  expect(answer.status).toBe(200);
  return new URL(json(answer).content, link).href;
}
