import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteDatabase } from '@app/data-directory';
import { openProbe } from '../../support/probe.js';
import type { TypeRow } from '../../support/violations.js';

/** A drive as it lies on the disk, read without any of its own code. */
export interface World {
  readonly users: UserRow[];
  readonly types: TypeRow[];
  readonly files: FileRow[];
  readonly accesses: {
    id: number;
    fileId: number;
    link: string;
    uses: number;
    oneTimeUse: number;
    ttl: number | null;
  }[];
  readonly removals: { id: number; fileId: number | null; storageKey: string; attempts: number }[];
  readonly receipts: ReceiptRow[];
  /** Size in bytes and SHA-256 by storage key. */
  readonly blobs: ReadonlyMap<string, { size: number; sha256: string }>;
  readonly uploads: UploadRow[];
  /**
   * What is written of uploads, by its name, which is the id of the file that it is to become; nothing where it cannot be
   * read yet, as parts in a store.
   */
  readonly temporary: ReadonlyMap<string, Buffer | undefined>;
}

/** An upload that outlives its requests. */
export interface UploadRow {
  id: string;
  fileId: number | null;
  length: number;
  received: number;
  reserved: number | null;
}

export interface UserRow {
  id: number;
  username: string;
  usedFiles: number;
  usedBytes: number;
  receiptSequence: number;
  receiptHash: string | null;
}

export interface ReceiptRow {
  fileId: number;
  ownerId: number;
  sequence: number;
  chain: string;
  size: number;
  sha256: string;
  accesses: number;
  downloadsEnded: number;
  deletedAt: number;
  bytesGoneAt: number | null;
  previousHash: string | null;
  hash: string;
}

export interface FileRow {
  id: number;
  ownerId: number;
  name: string;
  extension: string;
  state: string;
  storageKey: string;
  size: number;
  sha256: string;
  public: number;
}

export type Ask = <Row>(sql: string) => Promise<Row[]>;

/** The drive while its server runs, or after it was stopped. */
export async function readWorld(environment: NodeJS.ProcessEnv): Promise<World> {
  const { ask, close } = await openDatabase(environment);
  try {
    return await read(environment.DATA_DIR!, ask);
  } finally {
    await close();
  }
}

/**
 * A dead drive with SQLite, as the death has left it. Reads a copy: opening the database would recover it, and the server
 * is to do that itself.
 */
export async function readRemains(dataDir: string): Promise<World> {
  const directory = mkdtempSync(join(tmpdir(), 'defdrive-remains-'));
  try {
    for (const name of ['defdrive.sqlite', 'defdrive.sqlite-wal']) {
      if (existsSync(join(dataDir, name))) copyFileSync(join(dataDir, name), join(directory, name));
    }
    const database = new SqliteDatabase(join(directory, 'defdrive.sqlite'));
    const world = await read(dataDir, async <Row>(sql: string) => database.prepare(sql).all() as Row[]);
    database.close();
    return world;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/**
 * Resolves with whether nothing is left to do: no upload under way, no account that is being removed and, but for those
 * that fail, no removal.
 */
export async function isDrained(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const { ask, close } = await openDatabase(environment);
  const { rest, waiting } = await readOpen(ask);
  await close();
  // An upload whose client has gone is live a moment before its temporary file goes.
  const temporary = join(environment.DATA_DIR!, 'uploads', '.tmp');
  const kept = new Set(waiting.map(String));
  return rest === 0 && (!existsSync(temporary) || readdirSync(temporary).every((name) => kept.has(name)));
}

/**
 * How many records say that something is left to do, and the ids of files to come that wait for their clients.
 * @param removals which of them count, as SQL
 */
export async function readOpen(ask: Ask, removals = '1 = 1'): Promise<{ rest: number; waiting: number[] }> {
  // An upload that outlives its requests waits for its client, unless all of it is there or its time is over.
  const waits = `SELECT fileId FROM uploads WHERE fileId IS NOT NULL AND received < length AND expiresAt > ${Date.now()}`;
  const rest = await ask(
    `SELECT id FROM blobRemovals WHERE ${removals} UNION SELECT id FROM users WHERE removedAt IS NOT NULL UNION SELECT id FROM files WHERE state <> 'live' AND id NOT IN (${waits})`,
  );
  const waiting = await ask<{ fileId: number }>(waits);
  return { rest: rest.length, waiting: waiting.map(({ fileId }) => fileId) };
}

/** On SQLite a connection that only reads: the last one that closes would else tidy up, which is the server's to do. */
async function openDatabase(environment: NodeJS.ProcessEnv): Promise<{ ask: Ask; close: () => Promise<void> }> {
  const { DATA_DIR: dataDir, DATABASE_URL: databaseUrl } = environment;
  if (databaseUrl) {
    const probe = await openProbe({ dataDir: dataDir!, databaseUrl });
    return { ask: (sql) => probe.rows(sql), close: () => probe.close() };
  }
  const database = new SqliteDatabase(join(dataDir!, 'defdrive.sqlite'), { readonly: true, timeout: 5_000 });
  return {
    ask: async <Row>(sql: string) => database.prepare(sql).all() as Row[],
    close: async () => void database.close(),
  };
}

/** To be called while no request is under way, and so in any order. */
async function read(dataDir: string, ask: Ask): Promise<World> {
  const root = join(dataDir, 'uploads');
  return { ...(await readRecords(ask)), blobs: readBlobs(root), temporary: readTemporary(join(root, '.tmp')) };
}

/** What the database knows. */
export async function readRecords(ask: Ask): Promise<Omit<World, 'blobs' | 'temporary'>> {
  return {
    users: await ask('SELECT id, username, usedFiles, usedBytes, receiptSequence, receiptHash FROM users'),
    types: await ask('SELECT ownerId, extension, files, bytes FROM fileTypes'),
    files: await ask('SELECT id, ownerId, name, extension, state, storageKey, size, sha256, public FROM files'),
    accesses: await ask('SELECT id, fileId, link, uses, oneTimeUse, ttl FROM accesses'),
    removals: await ask('SELECT id, fileId, storageKey, attempts FROM blobRemovals'),
    receipts: await ask('SELECT * FROM receipts ORDER BY ownerId, sequence'),
    uploads: await ask('SELECT id, fileId, length, received, reserved FROM uploads'),
  };
}

function readTemporary(directory: string): Map<string, Buffer> {
  return new Map(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]));
}

function readBlobs(root: string): Map<string, { size: number; sha256: string }> {
  const blobs = new Map<string, { size: number; sha256: string }>();
  for (const owner of readdirSync(root).filter((name) => !name.startsWith('.'))) {
    for (const name of readdirSync(join(root, owner))) {
      const path = join(root, owner, name);
      if (!lstatSync(path).isFile()) continue;
      const bytes = readFileSync(path);
      blobs.set(`${owner}/${name}`, { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
    }
  }
  return blobs;
}
