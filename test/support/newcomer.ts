import type { Client } from './client.js';
import type { Drive } from './drive.js';
import { TusClient } from './tus.js';

let count = 0;

/** A user of the test's own, so that no test sees another's files. */
export function newcomer(drive: Drive): Promise<Client> {
  return drive.signUp(`user${(count += 1)}`);
}

/** The same, who uploads in parts. */
export async function tusNewcomer(drive: Drive): Promise<{ client: Client; tus: TusClient }> {
  const client = await newcomer(drive);
  return { client, tus: new TusClient(client) };
}
