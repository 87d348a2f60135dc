// Lists, searches, downloads and links, by wrk: a second of one of them, then of the next.
import { setTimeout as delay } from 'node:timers/promises';
import { requireOk, wrk } from '../support/wrk.mjs';

const CLIENTS = 4;
const SECONDS = 1;
/** Milliseconds between them: as fast as it can, wrk would leave nothing of the processors to the rest of the load. */
const PAUSE_MS = 2_000;

export class Reads {
  #targets;
  #token;

  /** @param {import('../support/drive.mjs').Drive} drive @param {number[]} ids of files that stay */
  static async prepare(drive, ids) {
    const [id] = ids;
    await drive.send('PUT', `/api/files/${id}/access`, { public: true });
    const { link } = await drive.send('POST', `/api/files/${id}/accesses`, { public: true });
    const targets = [
      ['lists', `${drive.url}/api/files?limit=50`],
      ['searches by wrk', `${drive.url}/api/files?q=kept-1`],
      ['downloads of 1 KiB', `${drive.url}/api/files/${id}/content`],
      ['statistics', `${drive.url}/api/files/stats`],
      ['uses of a link', link],
    ];
    // Whatever they open is open from now on.
    for (const [, url] of targets) await requireOk(url, { authorization: `Bearer ${drive.token}` });
    return new Reads(drive, targets);
  }

  constructor({ token }, targets) {
    this.#token = token;
    this.#targets = targets;
  }

  /** Goes on until it is told so. @param {AbortSignal} ended @returns {Promise<Record<string, number>>} how many there were */
  async until(ended) {
    /** @type {Record<string, number>} */
    const done = {};
    for (let turn = 0; !ended.aborted; turn += 1) {
      const [what, url] = this.#targets[turn % this.#targets.length];
      const { perSecond } = await wrk(url, { clients: CLIENTS, seconds: SECONDS, token: this.#token });
      done[what] = (done[what] ?? 0) + Math.round(perSecond * SECONDS);
      await delay(PAUSE_MS);
    }
    return done;
  }
}
