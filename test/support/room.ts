import type { Client } from './client.js';

/** Bytes that each user of a drive with a small room may have. */
export const ROOM = 1_000_000;
/** The environment of a drive with a small room. */
export const SMALL_ROOM = { MAX_FILE_SIZE: '2000000', DEFAULT_MAX_STORAGE: String(ROOM) };

/** What the room of somebody is who has nothing in it. */
export const nothing = { currentFiles: 0, currentStorage: 0, remainingFiles: 1000, remainingStorage: ROOM };

export async function roomOf(client: Client): Promise<Record<string, any>> {
  return (await client.get('/api/user/limits')).body;
}
