import type { Call } from './strace-log.js';

/** A file whose upload or delete was acknowledged while the log was written. */
export interface Acknowledged {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
}

/** Where the drive keeps things. */
export interface Places {
  readonly uploads: string;
  readonly database: string;
}

interface Step {
  readonly what: string;
  readonly is: (call: Call) => boolean;
}

/**
 * Whether the steps of an upload happened in the one order that survives a power cut at any moment: create the temporary
 * file, sync it, link it, sync the directory, sync the database, answer. Stands in for pulling the plug.
 * @returns what is wrong
 */
export function lintUpload(calls: readonly Call[], file: Acknowledged, { uploads, database }: Places): string[] {
  const temporary = `${uploads}/.tmp/${file.id}`;
  const blob = `${uploads}/${file.owner}/${file.name}`;
  return inOrder(calls, `upload of ${file.name}`, [
    { what: 'sync of the database with the claim', is: syncs(`${database}-wal`) },
    {
      what: 'creation of the temporary file',
      is: (call) => call.name === 'openat' && call.args.includes(`"${temporary}", O_WRONLY|O_CREAT|O_EXCL`),
    },
    { what: 'write of the bytes', is: (call) => /^writev?$/.test(call.name) && call.args.includes(`<${temporary}>`) },
    { what: 'sync of the temporary file', is: syncs(temporary) },
    { what: 'link', is: (call) => call.name === 'link' && call.args.includes(`"${temporary}", "${blob}"`) },
    { what: 'sync of the directory', is: syncs(`${uploads}/${file.owner}`) },
    { what: 'sync of the database with the live record', is: syncs(`${database}-wal`) },
    { what: 'answer', is: answers(`"name\\":\\"${file.name}\\"`) },
  ]);
}

/**
 * The same for an upload that is staged: its temporary file is durable, with its name, before the link; the record comes
 * last, and is the first that the database hears of it.
 */
export function lintStaged(calls: readonly Call[], file: Acknowledged, { uploads, database }: Places): string[] {
  const temporary = `+${file.owner}+${file.name}`;
  const blob = `${uploads}/${file.owner}/${file.name}`;
  const title = `staged upload of ${file.name}`;
  const creation = {
    what: 'creation of the temporary file, each write durable at once',
    is: (call: Call) => call.name === 'openat' && call.args.includes(`${temporary}", O_WRONLY|O_CREAT|O_EXCL|O_DSYNC`),
  };
  const end = [
    { what: 'link', is: (call: Call) => call.name === 'link' && call.args.includes(`${temporary}", "${blob}"`) },
    { what: 'sync of the directory', is: syncs(`${uploads}/${file.owner}`) },
    { what: 'write of the record', is: writes(`${database}-wal`) },
    { what: 'sync of the database with the live record', is: syncs(`${database}-wal`) },
    { what: 'answer', is: answers(`"name\\":\\"${file.name}\\"`) },
  ];
  const write = (call: Call) => /^writev?$/.test(call.name) && call.args.includes(`${temporary}>`);
  return [
    ...inOrder(calls, title, [creation, { what: 'write of the bytes', is: write }, ...end]),
    ...inOrder(calls, title, [
      creation,
      { what: 'sync of the temporary directory', is: syncs(`${uploads}/.tmp`) },
      ...end,
    ]),
  ];
}

/**
 * The same for a part of an upload: what the answer tells of is synced before its number is written down, and that is
 * durable before the answer. The name of the temporary file is durable, too.
 */
export function lintPart(calls: readonly Call[], file: Acknowledged, { uploads, database }: Places): string[] {
  const temporary = `${uploads}/.tmp/${file.id}`;
  const write = {
    what: 'write of the bytes',
    is: (call: Call) => /^writev?$/.test(call.name) && call.args.includes(`<${temporary}>`),
  };
  const end = [
    { what: 'write of the database', is: writes(`${database}-wal`) },
    { what: 'sync of the database with the offset', is: syncs(`${database}-wal`) },
    { what: 'answer', is: answers('Upload-Offset', '204 No Content') },
  ];
  const title = `part of ${file.name}`;
  return [
    ...inOrder(calls, title, [write, { what: 'sync of the temporary file', is: syncs(temporary) }, ...end]),
    ...inOrder(calls, title, [
      write,
      { what: 'sync of the temporary directory', is: syncs(`${uploads}/.tmp`) },
      ...end,
    ]),
  ];
}

/**
 * The same for a delete: sync the database, unlink, sync the directory; and only then is the row of the removal deleted,
 * by the next write to the database. The answer need not wait for the sync of the directory (docs/decisions/0007).
 */
export function lintDelete(calls: readonly Call[], file: Acknowledged, { uploads, database }: Places): string[] {
  const blob = `${uploads}/${file.owner}/${file.name}`;
  const unlinks = (call: Call) => call.name === 'unlink' && call.args.includes(`"${blob}"`);
  const found = inOrder(calls, `delete of ${file.name}`, [
    { what: 'sync of the database', is: syncs(`${database}-wal`) },
    { what: 'unlink', is: unlinks },
    { what: 'sync of the directory', is: syncs(`${uploads}/${file.owner}`) },
    { what: 'write of the database', is: writes(`${database}-wal`) },
    { what: 'sync of the database', is: syncs(`${database}-wal`) },
  ]);
  const unlink = calls.find(unlinks);
  const answer = calls.find((call) => answers('File deleted successfully')(call));
  if (unlink && answer && answer.begin < unlink.end) found.push(`delete of ${file.name}: answered before the unlink`);
  const sync = unlink && calls.find((call) => call.begin > unlink.end && syncs(`${uploads}/${file.owner}`)(call));
  const early =
    sync && calls.find((call) => writes(`${database}-wal`)(call) && call.begin > unlink.end && call.begin < sync.end);
  if (early) found.push(`delete of ${file.name}: the database was written between unlink and sync of the directory`);
  return found;
}

const succeeded = ({ result }: Call) => !result.startsWith('-1');

function syncs(path: string): (call: Call) => boolean {
  return (call) => ['fsync', 'fdatasync'].includes(call.name) && call.args.includes(`<${path}>`);
}

function writes(path: string): (call: Call) => boolean {
  return (call) => call.name === 'pwrite64' && call.args.includes(`<${path}>`);
}

function answers(text: string, status = '200 OK'): (call: Call) => boolean {
  const said = text.toLowerCase();
  return ({ name, args }) =>
    ['write', 'writev'].includes(name) && args.includes(`HTTP/1.1 ${status}`) && args.toLowerCase().includes(said);
}

/** Each step must begin after the one before has ended. */
function inOrder(calls: readonly Call[], title: string, steps: readonly Step[]): string[] {
  let after = -1;
  let before = 'the beginning';
  for (const { what, is } of steps) {
    const call = calls.find((candidate) => candidate.begin > after && is(candidate) && succeeded(candidate));
    if (!call) return [`${title}: no ${what} after ${before}`];
    after = call.end;
    before = what;
  }
  return [];
}
