import { miscountedTypes } from '../../support/violations.js';
import type { FileRecord, Ledger, UploadBook } from './ledger.js';
import { receiptViolations } from './receipt-checker.js';
import type { FileRow, World } from './world.js';

/** `death`: as a kill has left it. `rest`: after a start, with nothing left to do. */
export type Moment = 'death' | 'rest';

/** Keys at which a test has put bytes that are not the drive's. */
export type ForeignKeys = ReadonlySet<string>;

/**
 * Compares records, bytes and what the clients were told, and names each promise that is broken (I1 to I13, as in
 * docs/CRASH_TESTS.md). Shares nothing with the server: no code, no connection, no order of steps.
 */
export function violations(
  world: World,
  ledger: Ledger,
  moment: Moment,
  foreign: ForeignKeys = new Set<string>(),
): string[] {
  return [
    ...ledger.seen,
    ...rowsHaveBytes(world),
    ...bytesHaveRows(world, moment, foreign),
    ...accessesHaveFiles(world),
    ...countersAreSums(world),
    ...miscountedTypes(world.files, world.types).map((type) => `I4 the count of files by extension of user ${type}`),
    ...acknowledgedUploadsAreThere(world, ledger),
    ...acknowledgedDeletesAreTrue(world, ledger, moment),
    ...nothingIsHalfDone(world, ledger, moment),
    ...linksAreExact(world, ledger),
    ...receiptViolations(world, ledger, moment),
    ...offsetsNeverShrink(world, ledger),
    ...endedUploadsLeaveNothing(world, ledger, moment),
    ...reservationsAreTheUnfinished(world),
    ...(moment === 'rest' ? world.removals.map(({ storageKey }) => `I9 a removal still waits for ${storageKey}`) : []),
  ];
}

const isLive = ({ state }: FileRow) => state === 'live';

function rowsHaveBytes({ files, blobs }: World): string[] {
  return files
    .filter(isLive)
    .filter(({ storageKey, size, sha256 }) => {
      const blob = blobs.get(storageKey);
      return blob?.size !== size || blob.sha256 !== sha256;
    })
    .map(({ storageKey, id }) => `I1 file ${id} is live without its bytes at ${storageKey}`);
}

function bytesHaveRows({ files, removals, blobs, temporary }: World, moment: Moment, foreign: ForeignKeys): string[] {
  const known = new Set(files.filter((file) => isLive(file) || moment === 'death').map(({ storageKey }) => storageKey));
  if (moment === 'death') for (const { storageKey } of removals) known.add(storageKey);
  // Bytes that were whole before they were written have their record last. Until then a second name of them tells their key.
  if (moment === 'death')
    for (const name of temporary.keys()) known.add(name.replace(/^[0-9a-f]{16}\+/, '').replace('+', '/'));
  return [...blobs.keys()]
    .filter((key) => !known.has(key) && !foreign.has(key))
    .map((key) => `I2 the bytes at ${key} belong to no record`);
}

function accessesHaveFiles({ files, accesses }: World): string[] {
  const live = new Set(files.filter(isLive).map(({ id }) => id));
  return accesses.filter(({ fileId }) => !live.has(fileId)).map(({ id }) => `I3 access ${id} has no live file`);
}

function countersAreSums({ users, files }: World): string[] {
  return users
    .filter(({ id, usedFiles, usedBytes }) => {
      const own = files.filter((file) => file.ownerId === id && isLive(file));
      return usedFiles !== own.length || usedBytes !== own.reduce((sum, { size }) => sum + size, 0);
    })
    .map(
      ({ username, usedFiles, usedBytes }) =>
        `I4 the counters of ${username} are ${usedFiles} files, ${usedBytes} bytes`,
    );
}

function acknowledgedUploadsAreThere({ users, files, blobs }: World, { accounts, files: records }: Ledger): string[] {
  const names = new Set(users.map(({ username }) => username));
  const lost = [...accounts].filter(([name, outcome]) => outcome === 'acknowledged' && !names.has(name));
  const byId = new Map(files.map((file) => [file.id, file]));
  const stays = ({ upload, removal }: FileRecord) => upload === 'acknowledged' && ['none', 'refused'].includes(removal);
  return [
    ...lost.map(([name]) => `I5 the account of ${name} is lost`),
    ...records
      .filter(stays)
      .filter(({ id, name, sha256 }) => {
        const row = byId.get(id!);
        return row?.sha256 !== sha256 || row.name !== name || blobs.get(row.storageKey)?.sha256 !== sha256;
      })
      .map(({ owner, name, id }) => `I5 the acknowledged upload ${owner}/${name} (${id}) is not there`),
  ];
}

function acknowledgedDeletesAreTrue(world: World, ledger: Ledger, moment: Moment): string[] {
  const gone = ledger.files.filter(({ removal }) => removal === 'acknowledged');
  const ids = new Set([...ledger.graves.ids, ...gone.map(({ id }) => id!)]);
  const hashes = new Set([...ledger.graves.hashes, ...gone.flatMap(({ links }) => links.map(({ hash }) => hash))]);
  const sums = new Set([...ledger.graves.sums, ...gone.map(({ sha256 }) => sha256)]);
  const queued = new Set(moment === 'death' ? world.removals.map(({ storageKey }) => storageKey) : []);
  return [
    ...world.files.filter(({ id }) => ids.has(id)).map(({ id }) => `I6 the deleted file ${id} is back`),
    ...world.accesses
      .filter(({ link }) => hashes.has(link))
      .map(({ id }) => `I6 the link of a deleted file is back (${id})`),
    ...[...world.blobs]
      .filter(([key, { sha256 }]) => sums.has(sha256) && !queued.has(key))
      .map(([key]) => `I6 the bytes of a deleted file are still at ${key}, and nothing is going to remove them`),
  ];
}

/** Every live row is exactly one attempt that may have succeeded; at rest there is nothing besides. */
function nothingIsHalfDone(world: World, { files: records }: Ledger, moment: Moment): string[] {
  const possible = new Map(
    records.filter(({ upload }) => upload !== 'refused').map((record) => [record.sha256, record]),
  );
  const found: string[] = [];
  for (const { id, name, size, sha256, public: isPublic } of world.files.filter(isLive)) {
    const record = possible.get(sha256);
    possible.delete(sha256);
    if (record?.name !== name || record.size !== size)
      found.push(`I7 file ${id} (${name}) is no upload that could have succeeded`);
    else if (!record.public.has(isPublic === 1))
      found.push(`I7 nobody made file ${id} ${isPublic ? 'public' : 'private'}`);
  }
  if (moment === 'death') return found;
  return [
    ...found,
    ...world.files
      .filter((file) => !isLive(file) && !isUnfinished(world, file.id))
      .map(({ id, state }) => `I7 file ${id} is ${state}`),
    ...[...world.temporary.keys()]
      .filter((name) => !isUnfinished(world, Number(name)))
      .map((name) => `I7 the temporary file ${name} is left`),
  ];
}

/** An upload that outlives its requests, and waits for its client. */
const isUnfinished = ({ uploads }: World, id: number) =>
  uploads.some(({ fileId, received, length }) => fileId === id && received < length);

/** What a client was told is there, with its very bytes, until the upload is a file or has ended. */
function offsetsNeverShrink({ files, uploads, temporary }: World, { uploads: books }: Ledger): string[] {
  const states = new Map(files.map(({ id, state }) => [id, state]));
  // Of what was acknowledged as a file I5 and I6 tell the rest.
  const open = books.filter(({ told, end, file }) => told > 0 && end === 'none' && file?.upload !== 'acknowledged');
  return open.flatMap(({ id, told, bytes }) => {
    const row = uploads.find((upload) => upload.id === id);
    if (row?.fileId && states.get(row.fileId) === 'live') return [];
    if (!row?.fileId || row.received < told) return [`I11 upload ${id} told ${told}, and has ${row?.received} now`];
    const name = String(row.fileId);
    const there = temporary.get(name)?.subarray(0, row.received);
    const unread = temporary.has(name) && there === undefined;
    const right = unread || (there?.length === row.received && there.equals(bytes.subarray(0, row.received)));
    return right ? [] : [`I11 upload ${id} has other bytes than the ${row.received} that it was sent`];
  });
}

function endedUploadsLeaveNothing({ uploads }: World, { uploads: books }: Ledger, moment: Moment): string[] {
  const left = new Set(uploads.filter(({ fileId }) => fileId !== null).map(({ id }) => id));
  const over = ({ end }: UploadBook) => end === 'acknowledged' || (end === 'due' && moment === 'rest');
  return books.filter((book) => over(book) && left.has(book.id)).map(({ id }) => `I12 the ended upload ${id} is left`);
}

/** Room and a name are held for what may still become a file, and for nothing else. */
function reservationsAreTheUnfinished({ files, uploads }: World): string[] {
  const pending = new Set(files.filter((file) => !isLive(file)).map(({ id }) => id));
  return uploads
    .filter(({ fileId, length, reserved }) => reserved !== (fileId !== null && pending.has(fileId) ? length : null))
    .map(({ id, reserved }) => `I13 ${reserved} bytes are held for upload ${id}`);
}

function linksAreExact({ accesses }: World, { files }: Ledger): string[] {
  const uses = new Map(accesses.map((access) => [access.link, access.uses]));
  return files
    .flatMap(({ links }) => links)
    .filter(({ hash, limit, served, asked }) => {
      const counted = uses.get(hash) ?? served;
      return served > limit || counted > limit || counted < served || counted > asked;
    })
    .map(
      ({ hash, limit, served, asked }) =>
        `I8 a link for ${limit} uses: ${served} of ${asked} served, ${uses.get(hash)} counted`,
    );
}
