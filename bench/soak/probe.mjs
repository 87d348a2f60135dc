// What the server holds at a moment: memory, descriptors, files, rows. Linux only: the kernel tells.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { memoryOf } from '../support/process.mjs';

const MIB = 1024 * 1024;
/** The kernel's number of a connection that is open, in `/proc/<pid>/net/tcp`. */
const ESTABLISHED = '01';
const TABLES = /** @type {const} */ ({
  files: 'files',
  accesses: 'accesses',
  removals: 'blobRemovals',
  unfinished: 'uploads',
  requestKeys: 'requestKeys',
  sessions: 'sessions',
  tickets: 'tickets',
  receipts: 'receipts',
});

/**
 * @typedef {Record<keyof typeof TABLES, number>} Rows
 * @typedef {Rows & {
 *   seconds: number, memory: number, heap: number, descriptors: number, connections: number, temporary: number,
 *   wal: number, database: number,
 * }} Sample seconds since the load began, MiB of memory, of the heap, of the write-ahead log and of the database's file, and
 * counts of all else; descriptors without those of clients' connections
 */

export class Probe {
  #began = performance.now();
  #drive;
  // A connection that is kept would count among the server's.
  #agent = new Agent({ keepAlive: false });

  /** @param {import('../support/drive.mjs').Drive} drive */
  constructor(drive) {
    this.#drive = drive;
  }

  /** The load begins now. */
  begin() {
    this.#began = performance.now();
  }

  /** @returns {Promise<Sample>} */
  async sample() {
    const { pid, dataDir, uploads } = this.#drive;
    const heap = (await this.#heap()) / MIB;
    const connections = this.#connections();
    return {
      seconds: (performance.now() - this.#began) / 1000,
      memory: memoryOf(pid),
      heap,
      descriptors: readdirSync(`/proc/${pid}/fd`).length - connections,
      connections,
      temporary: readdirSync(join(uploads, '.tmp')).length,
      wal: sizeOf(join(dataDir, 'defdrive.sqlite-wal')),
      database: sizeOf(join(dataDir, 'defdrive.sqlite')),
      ...(await this.#rows()),
    };
  }

  /** Rows of files beside the first `kept`, and of resumable uploads: for whoever looks why something is left. */
  async left(kept) {
    const { seeder } = this.#drive;
    const files = await seeder.rows('SELECT * FROM files ORDER BY id LIMIT 20 OFFSET ?', kept);
    return [...files, ...(await seeder.rows('SELECT * FROM uploads LIMIT 20'))];
  }

  async #rows() {
    const counts = Object.entries(TABLES).map(([name, table]) => `(SELECT COUNT(*) FROM ${table}) AS ${name}`);
    const [row] = await this.#drive.seeder.rows(`SELECT ${counts.join(', ')}`);
    return /** @type {Rows} */ (row);
  }

  /** Bytes of JavaScript's heap that are in use, garbage and all. */
  async #heap() {
    const options = { agent: this.#agent };
    const answer = await new Promise((resolve, reject) => {
      get(`${this.#drive.url}/api/metrics`, options, resolve).on('error', reject);
    });
    return Number(/^nodejs_heap_size_used_bytes (\S+)$/m.exec(await text(answer))?.[1]);
  }

  /** Those of clients. */
  #connections() {
    const port = new URL(this.#drive.url).port;
    const local = `:${Number(port).toString(16).toUpperCase().padStart(4, '0')}`;
    const lines = readFileSync(`/proc/${this.#drive.pid}/net/tcp`, 'utf8').split('\n').slice(1);
    return lines.filter((line) => {
      const [, address, , state] = line.trim().split(/\s+/);
      return address?.endsWith(local) && state === ESTABLISHED;
    }).length;
  }
}

/** MiB, or nothing where there is no such file. */
function sizeOf(path) {
  return (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / MIB;
}
