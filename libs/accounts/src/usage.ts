import { ContractError, type ErrorName } from '@app/contract';
import type { Unit, User } from '@app/database';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { type CountedFile, countType, discountTypes, MISCOUNTED, RECOUNT_TYPES, recountTypes } from './file-types.js';

/** What is held for unfinished uploads: room that was promised to them, and that nobody else may take. */
export interface Reserved {
  readonly reservedFiles: number;
  /** Bytes. */
  readonly reservedBytes: number;
}

/** What an account may have, and what of it is taken. */
export type Room = Pick<User, 'maxFiles' | 'maxStorage' | 'usedFiles' | 'usedBytes'> & Reserved;

/** Where an account's chain of receipts stands: without a chain before the first one, and after a restore from a backup. */
export type ReceiptHead = Pick<User, 'receiptChain' | 'receiptSequence' | 'receiptHash'>;

/** What is counted for an account, beside what is there. */
export interface Tally {
  readonly id: number;
  readonly username: string;
  readonly usedFiles: number;
  /** Bytes. */
  readonly usedBytes: number;
  readonly files: number;
  /** Of the live files. */
  readonly bytes: number;
  /** Whether what is counted by extension is not what is there. */
  readonly miscounted: boolean;
}

const LIVE = (owner: string) => `FROM files f WHERE f.ownerId = ${owner} AND f.state = 'live'`;
const UNFINISHED = 'FROM uploads p WHERE p.ownerId = u.id AND p.reserved IS NOT NULL';

/** Unfinished uploads of an account; each has a record and may have bytes. */
const MOST_UNFINISHED = 1_000;

/** Written out: they stand in the way of each upload, and composing them would take longer than the database does. */
const ROOM = `
  SELECT u.maxFiles, u.maxStorage, u.usedFiles, u.usedBytes, (SELECT COUNT(*) ${UNFINISHED}) AS reservedFiles,
    (SELECT COALESCE(SUM(p.reserved), 0) ${UNFINISHED}) AS reservedBytes
  FROM users u WHERE u.id = ?`;
const TALLY = `
  SELECT u.id, u.username, u.usedFiles, u.usedBytes, (SELECT COUNT(*) ${LIVE('u.id')}) AS files,
    (SELECT COALESCE(SUM(f.size), 0) ${LIVE('u.id')}) AS bytes
  FROM users u`;
const RELEASE = `
  UPDATE users SET usedFiles = usedFiles - ?, usedBytes = usedBytes - ?,
    receiptChain = ?, receiptSequence = ?, receiptHash = ? WHERE id = ?`;
const RECOUNT = `
  UPDATE users SET usedFiles = (SELECT COUNT(*) ${LIVE('users.id')}),
    usedBytes = (SELECT COALESCE(SUM(f.size), 0) ${LIVE('users.id')})`;
/** Counts anew, for all accounts: also for a copy of the database. */
export const RECOUNT_ALL: readonly string[] = [RECOUNT, ...RECOUNT_TYPES];

/** What accounts use of their limits: the only place that changes `usedFiles`, `usedBytes` and `fileTypes`, and that judges by them. */
@Injectable()
export class Usage {
  constructor(private readonly dataSource: DataSource) {}

  /** What an account may have and has, as it is now. */
  async of(ownerId: number): Promise<Room | undefined> {
    return roomOf(await this.dataSource.query<Room[]>(ROOM, [ownerId]));
  }

  /**
   * Refuses a further file that is known not to fit, before its bytes are taken. Others may take the room meanwhile:
   * only `add` and `reserve` are exact.
   * @param bytes as far as they are known
   * @returns the room as it is now
   * @throws ContractError notAuthenticated, fileLimitExceeded, storageLimitExceeded
   */
  async admit(ownerId: number, bytes: number): Promise<Room> {
    const room = await this.of(ownerId);
    if (!room) throw new ContractError('notAuthenticated');
    assertFits(room, bytes);
    return room;
  }

  /**
   * Counts a file that becomes live in this unit. Locks the account.
   * @param promised whether its room was reserved: then no limit that was lowered meanwhile stops it
   * @throws ContractError notAuthenticated, fileLimitExceeded, storageLimitExceeded
   */
  async add(unit: Unit, ownerId: number, file: CountedFile, promised = false): Promise<void> {
    const { size: bytes } = file;
    const counted = await unit.change(
      'UPDATE users SET usedFiles = usedFiles + 1, usedBytes = usedBytes + ? WHERE id = ?',
      [bytes, ownerId],
    );
    if (counted !== 1) throw new ContractError('notAuthenticated');
    await countType(unit, ownerId, file);
    if (promised) return;
    // Read after the account is locked, since on MariaDB a statement that had to wait for that has looked before.
    const room = (await roomIn(unit, ownerId))!;
    assertFits({ ...room, usedFiles: room.usedFiles - 1, usedBytes: room.usedBytes - bytes }, bytes);
  }

  /**
   * Makes sure that there is room for an upload whose record is written in this unit. Locks the account.
   * @throws ContractError notAuthenticated, uploadLimitExceeded, fileLimitExceeded, storageLimitExceeded
   */
  async reserve(unit: Unit, ownerId: number, bytes: number): Promise<void> {
    await unit.lock('users', ownerId);
    const room = await roomIn(unit, ownerId);
    if (!room) throw new ContractError('notAuthenticated');
    if (room.reservedFiles >= MOST_UNFINISHED) throw new ContractError('uploadLimitExceeded');
    assertFits(room, bytes);
  }

  /**
   * No longer counts live files that go in this unit. Locks the account.
   * @param head where the owner's receipts stand then: in the same statement, since each one counts in a delete
   */
  async release(unit: Unit, ownerId: number, gone: readonly CountedFile[], head: ReceiptHead): Promise<void> {
    const bytes = gone.reduce((sum, { size }) => sum + size, 0);
    const { receiptChain, receiptSequence, receiptHash } = head;
    await unit.change(RELEASE, [gone.length, bytes, receiptChain, receiptSequence, receiptHash, ownerId]);
    await discountTypes(unit, ownerId, gone);
  }

  /** Counts an account's live files anew. */
  async recount(unit: Unit, ownerId: number): Promise<void> {
    await unit.lock('users', ownerId);
    await unit.change(`${RECOUNT} WHERE id = ?`, [ownerId]);
    await recountTypes(unit, ownerId);
  }

  /** What is counted and what is there, of the accounts behind an id; each account is consistent in itself. */
  async tallies(after: number, limit: number): Promise<Tally[]> {
    return this.judged(await this.dataSource.query(`${TALLY} WHERE u.id > ? ORDER BY u.id LIMIT ${limit}`, [after]));
  }

  async tally(ownerId: number): Promise<Tally | undefined> {
    return (await this.judged(await this.dataSource.query(`${TALLY} WHERE u.id = ?`, [ownerId])))[0];
  }

  /** @param rows in the order of their ids */
  private async judged(rows: Tally[]): Promise<Tally[]> {
    if (rows.length === 0) return [];
    const range = [rows[0]!.id, rows.at(-1)!.id];
    const wrong = await this.dataSource.query<{ ownerId: number }[]>(MISCOUNTED, [...range, ...range]);
    const miscounted = new Set(wrong.map(({ ownerId }) => ownerId));
    return rows.map((row) => ({ ...asNumbers(row, 'files', 'bytes'), miscounted: miscounted.has(row.id) }));
  }

  /** What is reserved for each of these accounts that has an unfinished upload. */
  async reservedOf(ownerIds: readonly number[]): Promise<Map<number, Reserved>> {
    if (ownerIds.length === 0) return new Map();
    const rows = await this.dataSource.query<({ ownerId: number } & Reserved)[]>(
      `SELECT ownerId, COUNT(*) AS reservedFiles, SUM(reserved) AS reservedBytes FROM uploads
       WHERE reserved IS NOT NULL AND ownerId IN (${ownerIds.map(() => '?').join(', ')}) GROUP BY ownerId`,
      [...ownerIds],
    );
    return new Map(rows.map((row) => [row.ownerId, asNumbers(row, 'reservedFiles', 'reservedBytes')]));
  }
}

async function roomIn(unit: Unit, ownerId: number): Promise<Room | undefined> {
  return roomOf(await unit.rows<Room>(ROOM, [ownerId]));
}

function roomOf([row]: Room[]): Room | undefined {
  return row && asNumbers(row, 'reservedFiles', 'reservedBytes');
}

/** MariaDB gives a sum as text. */
function asNumbers<Row, Name extends keyof Row>(row: Row, ...names: Name[]): Row {
  return { ...row, ...Object.fromEntries(names.map((name) => [name, Number(row[name])])) };
}

/**
 * The limit that a further file would exceed: first the count, then the bytes.
 * @param fileSize bytes, as far as they are known
 */
export function limitError(room: Room, fileSize: number): ContractError | undefined {
  const { maxFiles, maxStorage, usedFiles, usedBytes, reservedFiles, reservedBytes } = room;
  const refuse = (name: ErrorName, fields: Record<string, number>) => new ContractError(name, { fields });
  if (usedFiles + reservedFiles >= maxFiles) {
    return refuse('fileLimitExceeded', { currentFiles: usedFiles, maxFiles, ...held({ reservedFiles }) });
  }
  if (usedBytes + reservedBytes + fileSize > maxStorage) {
    const figures = { currentStorage: usedBytes, maxStorage, fileSize, ...held({ reservedStorage: reservedBytes }) };
    return refuse('storageLimitExceeded', figures);
  }
  return undefined;
}

function assertFits(room: Room, bytes: number): void {
  const refusal = limitError(room, bytes);
  if (refusal) throw refusal;
}

/** Unfinished uploads are told of where there are any. */
function held(figure: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(figure).filter(([, value]) => value > 0));
}
