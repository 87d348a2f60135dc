import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@app/config';

/** A secret that the data directory keeps in a file of its own, in base64url. */
export interface SecretFile {
  readonly name: string;
  readonly bytes: number;
}

/** Signs session tokens. */
const TOKEN_SECRET: SecretFile = { name: 'jwt.secret', bytes: 48 };
/** The seed of the Ed25519 key that signs receipts. */
export const RECEIPT_SECRET: SecretFile = { name: 'receipt.key', bytes: 32 };

/** Characters below which a secret is damaged. */
const SHORTEST = 32;

/**
 * A secret of the data directory, made on the first start.
 * Written aside, synced and linked, so that a crash leaves either no secret or a whole one.
 */
export function readOrCreateSecret(dataDir: string, file: SecretFile = TOKEN_SECRET): string {
  for (;;) {
    const secret = readSecret(dataDir, file);
    if (secret !== undefined) return secret;
    createSecret(dataDir, file);
  }
}

/** The secret, where it has been made. @throws ConfigError when it is damaged */
export function readSecret(dataDir: string, { name }: SecretFile): string | undefined {
  try {
    const secret = readFileSync(join(dataDir, name), 'utf8').trim();
    if (secret.length >= SHORTEST) return secret;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  throw new ConfigError('DATA_DIR', `holds a damaged ${name}; remove the file to have a new one made`);
}

/** Puts a new secret in the place of the old one, which is gone then. @returns the new one */
export function replaceSecret(dataDir: string, file: SecretFile): string {
  const draft = writeDraft(dataDir, file);
  renameSync(draft, join(dataDir, file.name));
  syncDirectory(dataDir);
  return readOrCreateSecret(dataDir, file);
}

function createSecret(dataDir: string, file: SecretFile): void {
  const draft = writeDraft(dataDir, file);
  const path = join(dataDir, file.name);
  try {
    linkSync(draft, path);
    chmodSync(path, 0o600);
  } catch (error) {
    // Another process was first: its secret counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeDraft(dataDir: string, { name, bytes }: SecretFile): string {
  const draft = join(dataDir, `${name}.${process.pid}`);
  const fd = openSync(draft, 'w', 0o600);
  writeSync(fd, `${randomBytes(bytes).toString('base64url')}\n`);
  fsyncSync(fd);
  closeSync(fd);
  return draft;
}

function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  fsyncSync(fd);
  closeSync(fd);
}
