import { createHash } from 'node:crypto';
import { File } from '@app/database';
import { foldName, nameKey, parseFileName } from '@app/files';
import type { BlobReader } from '@app/storage';
import type { DataSource } from 'typeorm';

/**
 * The live file that has this name in its owner's folder.
 * @param name as its sender wrote it
 * @throws ContractError invalidFileName
 */
export function findNamed(dataSource: DataSource, ownerId: number, name: string): Promise<File | null> {
  const key = nameKey(foldName(parseFileName(name)));
  return dataSource.manager.findOneBy(File, { ownerId, nameKey: key, state: 'live' });
}

/** The SHA-256 of all bytes, in hex. Closes the reader. */
export async function hashOf(reader: BlobReader): Promise<string> {
  const hash = createHash('sha256');
  if (reader.size === 0) await reader.close();
  else for await (const chunk of reader.stream(0, reader.size - 1)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
