// What of the samples is told, and how far it may be from where it began.

/**
 * @typedef {import('./probe.mjs').Sample} Sample
 * @typedef {{ name: string, begin: number, highest: number, end: number, most: number, judged: boolean, holds: boolean }} Figure
 */

/** Shares of the load's time over which the lowest heap is looked for: only after a collection does it tell anything. */
const FIFTH = 0.2;
/** Keys of a user that the drive keeps for a day, and those that come until it looks for more. */
const KEYS_KEPT = 10_100;
/** Bytes of a receipt, with its indexes; receipts stay. */
const RECEIPT = 1024;
const MIB = 1024 * 1024;
/** Minutes from which on memory tells anything: before, code is still compiled and the heap grows to what it needs. */
const LONG = 2;

/**
 * How far above its begin a figure may end. What is counted is in use or it is not, so it ends exactly where it began.
 * @type {{ name: string, of: keyof Sample, above: (begin: Sample, end: Sample) => number, slow?: boolean }[]}
 */
const FIGURES = [
  { name: 'memory (RSS), MiB', of: 'memory', above: () => 48, slow: true },
  { name: 'heap after a collection, MiB', of: 'heap', above: () => 12, slow: true },
  // SQLite keeps that of a connection that was closed, such as of the thread for slow reads, for the next one.
  { name: 'descriptors, without connections', of: 'descriptors', above: () => 2 },
  { name: 'connections of clients', of: 'connections', above: () => 0 },
  { name: 'write-ahead log, MiB', of: 'wal', above: () => 4 },
  {
    name: 'database, MiB',
    of: 'database',
    above: (begin, end) => 4 + ((end.receipts - begin.receipts) * RECEIPT) / MIB,
  },
  { name: 'temporary files', of: 'temporary', above: () => 0 },
  { name: 'files', of: 'files', above: () => 0 },
  { name: 'links', of: 'accesses', above: () => 0 },
  { name: 'rows of removals', of: 'removals', above: () => 0 },
  { name: 'rows of resumable uploads', of: 'unfinished', above: () => 0 },
  { name: 'rows of sessions', of: 'sessions', above: () => 0 },
  { name: 'rows of links in use', of: 'tickets', above: () => 0 },
  { name: 'rows of Idempotency-Keys', of: 'requestKeys', above: ({ requestKeys }) => KEYS_KEPT - requestKeys },
];

/** A database that is a server's own has no files here. @type {Set<keyof Sample>} */
const ON_SQLITE = new Set(['wal', 'database']);

/** Whether the drive holds nothing more for anybody: no client, no upload, no removal. @param {Sample} sample */
export function isAtRest({ connections, temporary, removals, unfinished }) {
  return connections + temporary + removals + unfinished === 0;
}

/**
 * @param {{ begin: Sample, end: Sample, samples: Sample[], minutes: number }} soak the drive at rest before and after the load, and under it
 * @returns {Figure[]}
 */
export function figuresOf({ begin, end, samples, minutes }) {
  const edges = {
    begin: { ...begin, heap: lowestHeap(samples, 0) },
    end: { ...end, heap: lowestHeap(samples, 1 - FIFTH) },
  };
  const told = FIGURES.filter(({ of }) => end.database > 0 || !ON_SQLITE.has(of));
  return told.map(({ name, of, above, slow = false }) => {
    const [first, last] = [edges.begin[of], edges.end[of]];
    const most = first + above(begin, end);
    const judged = !slow || minutes >= LONG;
    const highest = Math.max(...[begin, ...samples, end].map((sample) => sample[of]));
    const rounded = (value) => Math.round(value * 10) / 10;
    const values = { begin: rounded(first), highest: rounded(highest), end: rounded(last), most: rounded(most) };
    return { name, ...values, judged, holds: !judged || last <= most };
  });
}

/** @param {number} from share of the samples before the fifth that is looked at */
function lowestHeap(samples, from) {
  const first = Math.floor(samples.length * from);
  return Math.min(...samples.slice(first, first + Math.ceil(samples.length * FIFTH)).map(({ heap }) => heap));
}
