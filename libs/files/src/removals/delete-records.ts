import type { ReceiptHead, Usage } from '@app/accounts';
import { ContractError } from '@app/contract';
import { compileCascade, File, isEngineFault, type RemovalStep, type Unit } from '@app/database';
import type { DataSource } from 'typeorm';
import { insertReceipt, insertReceipts, insertRemoval, insertRemovals, listOf, type NewRemoval } from '../file-rows.js';
import { foldName, nameKey } from '../file-name.js';
import { headOf, linkReceipt, type NewReceipt } from '../receipts/receipt-chain.js';
import type { Removal } from './removals.service.js';

/** Milliseconds for which the worker leaves a removal to the request that made it. */
const HEAD_START_MS = 1_000;

/** What goes with a delete into its receipts. */
export interface DeleteTerms {
  /** None where no receipt is to be made. Gives the number of downloads of a file that the delete will cut. */
  readonly downloadsEnded: ((fileId: number) => number) | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether files may have bytes in two storages, because the drive moves. */
  readonly isMoving: boolean;
}

/** Where the bytes of a file are. */
type Place = Pick<File, 'storageId' | 'storageKey'>;

/** A file, and how many accesses went with it. */
interface Taken {
  readonly file: File;
  readonly accesses: number;
}

const HEAD = 'receiptChain, receiptSequence, receiptHash';
const LOCK_OWNER = `SELECT ${HEAD} FROM users WHERE id = ?`;
/** With where the bytes are now: they may have moved since the file was read. */
const LOCK_BOTH = `
  SELECT ${HEAD}, files.storageId, files.storageKey FROM users JOIN files ON files.ownerId = users.id
  WHERE users.id = ? AND files.id = ? AND files.state = 'live'`;
/**
 * The statements of a delete, for one file and for many of one owner, in the order of the whole drive's locks: users, files,
 * accesses, removals.
 */
export class DeleteRecords {
  private readonly cascade: readonly RemovalStep[];

  constructor(
    dataSource: DataSource,
    private readonly usage: Usage,
  ) {
    this.cascade = compileCascade(dataSource, File);
  }

  /** @throws ContractError fileNotFound, accessesNotDeleted, recordNotDeleted */
  async one(unit: Unit, file: File, terms: DeleteTerms): Promise<Removal> {
    const { id, ownerId } = file;
    const [head] = await unit.rows<ReceiptHead & Place>(LOCK_BOTH + unit.forUpdate, [ownerId, id]);
    if (!head) throw new ContractError('fileNotFound');
    const accesses = await this.deleteAccesses(unit, id);
    await deleteFile(unit, file);
    const receipt = receiptOf(head, { file, accesses }, terms);
    await this.usage.release(unit, ownerId, [file], receipt ? headOf(receipt) : head);
    if (receipt) await insertReceipt(unit, receipt);
    const copies = terms.isMoving ? await takeCopies(unit, [id], receipt !== undefined) : [];
    const { storageId, storageKey } = head;
    const removal = removalOf({ ...file, storageId, storageKey }, terms);
    return { ...removal, id: await insertRemoval(unit, removal), copies };
  }

  /**
   * The same with a few statements for all of them.
   * @returns their removals, for those that were still there, by the id of the file
   * @throws ContractError accessesNotDeleted, recordNotDeleted
   */
  async many(unit: Unit, ownerId: number, files: readonly File[], terms: DeleteTerms): Promise<Map<number, Removal>> {
    if (files.length === 0) return new Map();
    const [head] = await unit.rows<ReceiptHead>(LOCK_OWNER + unit.forUpdate, [ownerId]);
    const live = head ? await lockFiles(unit, ownerId, files) : [];
    if (!head || live.length === 0) return new Map();
    const accesses = await this.deleteAccessesOf(unit, live);
    await deleteFiles(unit, ownerId, live);
    const receipts: NewReceipt[] = [];
    let last = head;
    for (const file of live) {
      const receipt = receiptOf(last, { file, accesses: accesses.get(file.id) ?? 0 }, terms);
      if (!receipt) break;
      receipts.push(receipt);
      last = headOf(receipt);
    }
    await this.usage.release(unit, ownerId, live, last);
    await insertReceipts(unit, receipts);
    const ids = live.map(({ id }) => id);
    const copies = terms.isMoving ? await takeCopies(unit, ids, receipts.length > 0) : [];
    await insertRemovals(
      unit,
      live.map((file) => removalOf(file, terms)),
    );
    return findRemovals(unit, live, copies);
  }

  /** @returns how many accesses there were */
  private async deleteAccesses(unit: Unit, fileId: number): Promise<number> {
    try {
      let accesses = 0;
      for (const { entity, sql } of this.cascade) {
        const deleted = await unit.change(sql, [fileId]);
        if (entity === 'Access') accesses = deleted;
      }
      return accesses;
    } catch (error) {
      throw isEngineFault(error) ? error : new ContractError('accessesNotDeleted', { cause: error });
    }
  }

  /** @returns how many accesses there were, by the id of the file */
  private async deleteAccessesOf(unit: Unit, files: readonly File[]): Promise<Map<number, number>> {
    const { marks, values } = listOf(files.map(({ id }) => id));
    const accesses = new Map<number, number>();
    try {
      for (const { entity, table, foreignKey } of this.cascade) {
        const own = `FROM ${table} WHERE ${foreignKey} IN (${marks})`;
        if (entity === 'Access') {
          const sql = `SELECT ${foreignKey} AS id, COUNT(*) AS n ${own} GROUP BY ${foreignKey}`;
          for (const { id, n } of await unit.rows<{ id: number; n: number }>(sql, values)) accesses.set(id, n);
        }
        await unit.change(`DELETE ${own}`, values);
      }
      return accesses;
    } catch (error) {
      throw isEngineFault(error) ? error : new ContractError('accessesNotDeleted', { cause: error });
    }
  }
}

function receiptOf(head: ReceiptHead, taken: Taken, { downloadsEnded, now }: DeleteTerms): NewReceipt | undefined {
  return (
    downloadsEnded && linkReceipt(head, { ...taken, downloadsEnded: downloadsEnded(taken.file.id), deletedAt: now })
  );
}

async function deleteFile(unit: Unit, { id, ownerId }: File): Promise<void> {
  const deleted = await unit.change("DELETE FROM files WHERE id = ? AND ownerId = ? AND state = 'live'", [id, ownerId]);
  if (deleted !== 1) throw new ContractError('recordNotDeleted');
}

async function lockFiles(unit: Unit, ownerId: number, files: readonly File[]): Promise<File[]> {
  const { marks, values } = listOf(files.map(({ id }) => id));
  const rows = await unit.rows<Place & Pick<File, 'id'>>(
    `SELECT id, storageId, storageKey FROM files WHERE ownerId = ? AND state = 'live' AND id IN (${marks})${unit.forUpdate}`,
    [ownerId, ...values],
  );
  const live = new Map(rows.map((row) => [row.id, row]));
  return files.filter(({ id }) => live.has(id)).map((file) => Object.assign(new File(), file, live.get(file.id)));
}

async function deleteFiles(unit: Unit, ownerId: number, files: readonly File[]): Promise<void> {
  const { marks, values } = listOf(files.map(({ id }) => id));
  const sql = `DELETE FROM files WHERE ownerId = ? AND state = 'live' AND id IN (${marks})`;
  if ((await unit.change(sql, [ownerId, ...values])) !== files.length) throw new ContractError('recordNotDeleted');
}

function removalOf(file: File, { downloadsEnded, now }: DeleteTerms): NewRemoval {
  const { id, ownerId, name, storageId, storageKey } = file;
  const fileId = downloadsEnded ? id : null;
  const first = { attempts: 0, nextAttemptAt: now + HEAD_START_MS, lastError: null, createdAt: now };
  // Anew, and not the file's own, which may be by an older rule: whoever uploads a file of this name looks for this one.
  return { ownerId, fileId, nameKey: nameKey(foldName(name)), storageId, storageKey, ...first };
}

/**
 * The removals of other bytes of files: the copy that a move makes, or the bytes that it has left behind. They go with the
 * file, and its receipt waits for them, if it has one.
 */
async function takeCopies(unit: Unit, ids: readonly number[], hasReceipt: boolean): Promise<Removal[]> {
  const { marks, values } = listOf(ids);
  const own = `WHERE fileId IN (${marks})`;
  const copies = await unit.rows<Removal>(`SELECT id, fileId, storageId, storageKey FROM blobRemovals ${own}`, values);
  if (copies.length > 0 && !hasReceipt) await unit.change(`UPDATE blobRemovals SET fileId = NULL ${own}`, values);
  return copies;
}

/** Of files whose removals this unit has just written. */
async function findRemovals(
  unit: Unit,
  files: readonly File[],
  copies: readonly Removal[],
): Promise<Map<number, Removal>> {
  const fileIds = new Map(files.map(({ id, storageId, storageKey }) => [`${storageId} ${storageKey}`, id]));
  const storages = listOf([...new Set(files.map(({ storageId }) => storageId))]);
  const keys = listOf(files.map(({ storageKey }) => storageKey));
  const rows = await unit.rows<Removal>(
    `SELECT id, fileId, storageId, storageKey FROM blobRemovals
     WHERE storageId IN (${storages.marks}) AND storageKey IN (${keys.marks})`,
    [...storages.values, ...keys.values],
  );
  const own = rows.flatMap((row) => {
    const id = fileIds.get(`${row.storageId} ${row.storageKey}`);
    return id === undefined ? [] : [[id, { ...row, copies: copies.filter(({ fileId }) => fileId === id) }] as const];
  });
  return new Map(own);
}
