import { expect } from 'vitest';
import { admin } from '../support/admin.js';
import type { Drive } from '../support/drive.js';

export type Receipt = Record<string, any>;

/** An export, in parts. */
export interface Parts {
  receipts: Receipt[];
  head: Record<string, any> | undefined;
}

/** Deletes files of a new account, some in bulk, and exports the receipts. */
export async function deleteAndExport(drive: Drive, username: string): Promise<Parts> {
  const owner = await drive.signUp(username);
  const ids: number[] = [];
  for (let n = 0; n < 6; n += 1) ids.push((await owner.file(`${n}.txt`)).id);
  for (const id of ids.slice(0, 3)) await owner.delete(`/api/files/${id}`);
  await owner.post('/api/files/delete', { ids: ids.slice(3) });
  await drive.removalsSettled();
  const { code, out } = await admin(drive.config, ['receipts', 'export', '--user', username]);
  expect(code).toBe(0);
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1).keys).toEqual((await drive.anonymous().get('/api/deletions/keys')).body.keys);
  return { receipts: lines.flatMap(({ receipt }) => receipt ?? []), head: lines.find(({ head }) => head).head };
}
